import type { IncomingMessage } from 'node:http';
import { sessionsOf, type RequestSessions } from '../request/request-sessions.js';
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
    // A route with an idle timeout of its own wants somebody who was here just now.
    const { idleTimeout } = sessions.slot(name).route;
    if (session.subject === undefined && session.isOpenToLogin && !idleTimeout)
      await login.recognise(session, visit);
  });
}
