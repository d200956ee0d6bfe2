import {
  HttpException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { exceptionOf, toldTo } from './session-exception.js';
import type { SessionData, SessionKey } from './record/session-data.interface.js';
import { noSession, routeOf, sessionsOfContext, type RequireSessionOptions } from './session-route.js';
import type { Session } from './session/session.js';

/** Why {@link SessionGuard} refused a request. The body of its exception has it as `code`.
 *
 *  - `ERR_SESSION_REQUIRED`: there is no live session, or nobody is logged in. The user has to log in.
 *  - `ERR_SESSION_NOT_FRESH`: the login is too long ago (`fresh`). The user has to prove again who he is.
 *  - `ERR_SESSION_INSUFFICIENT`: the session lacks a key that the route needs (`keys`), or what a subclass of the guard asks for. */
export type SessionRefusal = 'ERR_SESSION_REQUIRED' | 'ERR_SESSION_NOT_FRESH' | 'ERR_SESSION_INSUFFICIENT';

const MESSAGES: Record<SessionRefusal, string> = {
  ERR_SESSION_REQUIRED: 'Log in first',
  ERR_SESSION_NOT_FRESH: 'Log in again: the last login is too long ago for this',
  ERR_SESSION_INSUFFICIENT: 'The session lacks what this needs',
};

/** The parameters `error` of the challenge, which RFC 9470 and OpenID Connect name. */
const CHALLENGES: Record<SessionRefusal, string> = {
  ERR_SESSION_REQUIRED: 'login_required',
  ERR_SESSION_NOT_FRESH: 'insufficient_user_authentication',
  ERR_SESSION_INSUFFICIENT: 'interaction_required',
};

/** Admits a request with a live session that has a subject, or that has what `@RequireSession()` asks for; any other gets
 *  401. The session of a refused request is neither changed nor prolonged. In a gateway, the session is read again for every
 *  message, and a refusal is a WsException with the same body. */
@Injectable()
export class SessionGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { skip, name, require = {} } = routeOf(context);
    if (skip) return true;
    const sessions = sessionsOfContext(context);
    if (!sessions) throw noSession(context);
    const request = sessions.get(name);
    const session = await toldTo(context, sessions.outlivesRequest ? request.reload() : request.load());
    if (this.isSatisfied(session, require)) return true;
    request.suppressRenewal();
    const refusal = refusalOf(session, require) ?? 'ERR_SESSION_INSUFFICIENT';
    const exception = this.createException(context, refusal);
    if (isUnauthorized(exception)) challenge(context, refusal, require);
    throw await exceptionOf(context, exception);
  }

  /** Reports whether a session has what the route asks for. Override it to ask for more. */
  protected isSatisfied(session: Session, require: RequireSessionOptions): boolean {
    return refusalOf(session, require) === undefined;
  }

  /** Returns the exception that refuses a request. Override it to redirect to a login page, for instance. */
  protected createException(_context: ExecutionContext, refusal: SessionRefusal): Error {
    return new UnauthorizedException({
      statusCode: 401,
      error: 'Unauthorized',
      code: refusal,
      message: MESSAGES[refusal],
    });
  }
}

function refusalOf(
  session: Session,
  { subject = true, fresh, keys = [] }: RequireSessionOptions,
): SessionRefusal | undefined {
  const isAnonymous = session.subject === undefined;
  const needsUser = subject || fresh !== undefined;
  if (session.isNew || session.isOver || (needsUser && isAnonymous)) return 'ERR_SESSION_REQUIRED';
  if (fresh !== undefined && !isFresh(session, fresh)) return 'ERR_SESSION_NOT_FRESH';
  const hasKeys = keys.every((key) => session.has(key as SessionKey<SessionData>));
  return hasKeys ? undefined : 'ERR_SESSION_INSUFFICIENT';
}

function isFresh({ authenticatedFor }: Session, seconds: number): boolean {
  return authenticatedFor !== undefined && authenticatedFor < seconds;
}

const isUnauthorized = (exception: Error): boolean =>
  exception instanceof HttpException && exception.getStatus() === 401;

/** Sets the header that a response with status 401 must have (RFC 9110 §11.6.1). No browser opens a dialog for it, since
 *  the scheme `Session` is ours. */
function challenge(
  context: ExecutionContext,
  refusal: SessionRefusal,
  { fresh }: RequireSessionOptions,
): void {
  if (context.getType() !== 'http') return;
  const response = context.switchToHttp().getResponse<{ raw?: ServerResponse } & ServerResponse>();
  const raw = response.raw ?? response;
  if (raw.headersSent) return;
  const age = refusal === 'ERR_SESSION_NOT_FRESH' ? `, max_age=${fresh}` : '';
  raw.setHeader('WWW-Authenticate', `Session error="${CHALLENGES[refusal]}"${age}`);
}
