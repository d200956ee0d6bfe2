import { SessionGuard } from 'nestjs-session-crypto';
import { RolesGuard } from '../auth/roles.guard.js';
import type { Role } from '../users/user.entity.js';

/** RolesGuard comes first, since nobody else needs to log in again only to be refused. It needs `@Roles()`: without them it
 *  lets everybody pass. */
export const OPERATOR_GUARDS = [RolesGuard, SessionGuard];
export const OPERATORS: Role[] = ['admin'];
/** They proved within the last ten minutes who they are. */
export const FRESH = { fresh: 600 };
