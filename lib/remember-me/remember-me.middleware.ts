import type { IncomingMessage } from 'node:http';
import { findHooks, type RequestHooks } from '../request/request-hooks.js';
import type { SessionService } from '../session.service.js';
import type { AutoLogin } from './auto-login.js';
import type { RememberCookies } from './visits.js';

type SessionMiddleware = SessionService['middleware'];

/** Has whoever carries a remember-me cookie recognised, as soon as the request's session is asked for and nobody is
 *  logged in there. Brings the session's own middleware along, in whatever order both are mounted. */
export function rememberMeMiddleware(
  session: string,
  bringSessions: SessionMiddleware,
  visits: RememberCookies,
  login: AutoLogin,
): SessionMiddleware {
  return (request, response, next) =>
    bringSessions(request, response, (error) => {
      const raw: IncomingMessage = request.raw ?? request;
      const hooks = error === undefined ? findHooks(session, raw) : undefined;
      if (hooks) prepare(hooks, raw, visits, login);
      next(error);
    });
}

function prepare(
  hooks: RequestHooks,
  request: IncomingMessage,
  visits: RememberCookies,
  login: AutoLogin,
): void {
  const visit = visits.of(hooks) ? undefined : visits.read(hooks, request);
  if (!visit) return;
  hooks.onFirstLoad(async (visitor) => {
    // A route with an idle timeout of its own wants a visitor who was here just now.
    if (visitor.subject === undefined && visitor.acceptsRecognition && !hooks.hasOwnIdleTimeout)
      await login.recognise(visitor, visit);
  });
}
