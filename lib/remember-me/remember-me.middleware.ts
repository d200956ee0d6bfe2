import type { IncomingMessage } from 'node:http';
import { sessionsOf, type RequestSessions } from '../request/request-sessions.js';
import type { SessionService } from '../session.service.js';
import type { AutoLogin } from './auto-login.js';
import type { RememberCookies } from './remember-cookies.js';

type SessionMiddleware = SessionService['middleware'];

/** Returns the middleware that logs remembered visitors in. The login happens when the request's session is first loaded and
 *  nobody is logged in. It runs the session's own middleware first, so the order in which both are mounted does not matter. */
export function rememberMeMiddleware(
  session: string,
  bringSessions: SessionMiddleware,
  visits: RememberCookies,
  login: AutoLogin,
): SessionMiddleware {
  return (request, response, next) =>
    bringSessions(request, response, (error) => {
      const raw: IncomingMessage = request.raw ?? request;
      const sessions = error === undefined ? sessionsOf(raw) : undefined;
      if (sessions) prepare(session, sessions, raw, visits, login);
      next(error);
    });
}

function prepare(
  name: string,
  sessions: RequestSessions,
  request: IncomingMessage,
  visits: RememberCookies,
  login: AutoLogin,
): void {
  const visit = visits.of(sessions) ? undefined : visits.read(sessions, request);
  if (!visit) return;
  sessions.onFirstLoad(name, async (session) => {
    // A route with an idle timeout of its own demands a recent visitor, and a remembered one is not.
    const { idleTimeout } = sessions.slot(name).route;
    if (session.subject === undefined && session.isOpenToLogin && !idleTimeout)
      await login.recognise(session, visit);
  });
}
