import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import { auditShared } from '../shared/shared-audit.js';
import type { ResolvedPhpRedis } from './php-redis-options.js';

/** The parts of findings about files that read differently for Redis. */
const IN_REDIS: Readonly<Record<string, Partial<AuditFinding>>> = {
  'php-unsealed': {
    value: 'readable in Redis',
    message:
      'sessions are not sealed, and their keys contain the ids: anyone who reads the server, or a copy of it, can take the sessions over',
    recommended: 'sealed sessions under hashed keys',
  },
  'php-unauthenticated': {
    message:
      'except for logins of this application, the content of a session is taken as it is: anyone who can write to the server can change carts and rights',
  },
};

const UNLOCKED: AuditFinding = {
  level: 'danger',
  code: 'php-redis-unlocked',
  path: 'store.phpLocks',
  value: 'PHP takes no lock',
  message:
    'a page of PHP overwrites what this application has changed meanwhile, a logout of the user in its own data among it; here an ended session stays ended for session.absoluteTimeout, or for 30 days without one',
  recommended: 'redis.session.locking_enabled = 1',
  remedy: 'write redis.session.locking_enabled = 1 in every php.ini that uses the server',
  source: 'php-redis, session locking',
};

/** Returns a finding for each promise that does not hold for sessions shared with PHP in Redis. */
export function auditPhpRedis({ subjectKey, phpLocks }: ResolvedPhpRedis): readonly AuditFinding[] {
  const shared = auditShared({ subjectKey }).map((one) => ({ ...one, ...IN_REDIS[one.code] }));
  return phpLocks ? shared : [UNLOCKED, ...shared];
}
