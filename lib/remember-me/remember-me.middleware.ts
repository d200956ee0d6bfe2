import type { IncomingMessage } from 'node:http';
import { findHooks, type RequestHooks } from '../request/request-hooks.js';
import type { SessionService } from '../session.service.js';
import type { AutoLogin } from './auto-login.js';
import type { RememberCookies } from './remember-cookies.js';

type SessionMiddleware = SessionService['middleware'];

/** Returns the middleware that logs remembered visitors in. The login happens when the request's session is first loaded and
 *  nobody is logged in. It runs the session's own middleware first, so the order in which both are mounted does not matter. */
export function rememberMeMiddleware(
  session: string,
  bringSessions: SessionMiddleware,
  cookies: RememberCookies,
  login: AutoLogin,
): SessionMiddleware {
  return (request, response, next) =>
    bringSessions(request, response, (error) => {
      const raw: IncomingMessage = request.raw ?? request;
      const hooks = error === undefined ? findHooks(session, raw) : undefined;
      if (hooks) prepare(hooks, raw, cookies, login);
      next(error);
    });
}

function prepare(
  hooks: RequestHooks,
  request: IncomingMessage,
  cookies: RememberCookies,
  login: AutoLogin,
): void {
  const brought = cookies.of(hooks) ? undefined : cookies.read(hooks, request);
  if (!brought) return;
  hooks.onFirstLoad(async (visitor) => {
    // A route with an idle timeout of its own demands a recent visitor, and a remembered one is not.
    if (visitor.subject === undefined && visitor.acceptsRecognition && !hooks.hasOwnIdleTimeout)
      await login.recognise(visitor, brought);
  });
}
