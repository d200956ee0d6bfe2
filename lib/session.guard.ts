import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SessionStateError } from './errors/session-state.error.js';
import type { SessionData, SessionKey } from './record/session-data.interface.js';
import { NO_SESSION_HERE, routeOf, sessionsOfContext, type RequireSessionOptions } from './session-route.js';
import type { Session } from './session/session.js';

/** Admits a request with a live session that has a subject, or that has what `@RequireSession()` asks for; any other gets
 *  401. The session of a refused request is neither changed nor prolonged. */
@Injectable()
export class SessionGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { skip, name, require = {} } = routeOf(context);
    if (skip) return true;
    const request = sessionsOfContext(context)?.get(name);
    if (!request) throw new SessionStateError('ERR_SESSION_NO_REQUEST', NO_SESSION_HERE);
    if (this.isSatisfied(await request.load(), require)) return true;
    request.suppressRenewal();
    throw this.createException(context);
  }

  /** Reports whether a session has what the route asks for. Override it to ask for more. */
  protected isSatisfied(
    session: Session,
    { subject = true, fresh, keys = [] }: RequireSessionOptions,
  ): boolean {
    if (session.isNew || session.isOver || (subject && session.subject === undefined)) return false;
    if (fresh !== undefined && !isFresh(session, fresh)) return false;
    return keys.every((key) => session.has(key as SessionKey<SessionData>));
  }

  /** Returns the exception that refuses a request. Override it to redirect to a login page, for instance. */
  protected createException(_context: ExecutionContext): Error {
    return new UnauthorizedException();
  }
}

function isFresh({ authenticatedFor }: Session, seconds: number): boolean {
  return authenticatedFor !== undefined && authenticatedFor < seconds;
}
