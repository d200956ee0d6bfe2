import {
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SessionService } from 'nestjs-session-crypto';
import type { Role } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

/** The roles that may use a controller or a handler. */
export const Roles = Reflector.createDecorator<Role[]>();

/** Lets users with one of the `@Roles()` pass; others get 403, and nobody at all gets 401. It asks the users service
 *  rather than the session, so that a changed role counts at once. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionService,
    private readonly users: UsersService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const roles = this.reflector.getAllAndOverride(Roles, [context.getHandler(), context.getClass()]);
    if (!roles) return true;
    const { subject } = await this.sessions.current();
    if (subject === undefined) throw new UnauthorizedException();
    const user = await this.users.findOne(subject);
    if (user && roles.includes(user.role)) return true;
    throw new ForbiddenException(`Only users with the role ${roles.join(' or ')} may see this page.`);
  }
}
