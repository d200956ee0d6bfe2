import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SessionStateError } from './errors/session-state.error.js';
import { routeOf, sessionsOfContext, type RequireSessionOptions } from './session-route.js';
import type { Session } from './session/session.js';
import type { SessionData, SessionKey } from './record/session-data.interface.js';

/** Lets through who has a live session with a subject, or what `@RequireSession()` demands; else 401. The session of a
 *  request that is refused is neither changed nor prolonged. */
@Injectable()
export class SessionGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { skip, name, require = {} } = routeOf(context);
    if (skip) return true;
    const slot = sessionsOfContext(context)?.slot(name);
    if (!slot) throw new SessionStateError('ERR_SESSION_NO_REQUEST', NO_SESSION);
    if (this.suffices(await slot.session(), require)) return true;
    slot.suppressRenewal();
    throw this.refusal(context);
  }

  /** Whether a session is good enough. */
  protected suffices(session: Session, { subject = true, fresh, keys = [] }: RequireSessionOptions): boolean {
    if (session.isNew || session.isOver || (subject && session.subject === undefined)) return false;
    if (fresh !== undefined && !isFresh(session, fresh)) return false;
    return keys.every((key) => session.has(key as SessionKey<SessionData>));
  }

  /** What a request that is refused gets. */
  protected refusal(_context: ExecutionContext): Error {
    return new UnauthorizedException();
  }
}

const NO_SESSION =
  'There is no session here: SessionCryptoModule is not imported, its middleware does not cover this route, ' +
  'or SessionService.attach() was not called for this client';

function isFresh({ authenticatedFor }: Session, seconds: number): boolean {
  return authenticatedFor !== undefined && authenticatedFor < seconds;
}
