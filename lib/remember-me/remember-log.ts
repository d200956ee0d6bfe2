import type { SessionLog } from '../manager/session-log.js';
import type { SessionEvents } from '../persistence/session-events.js';

const THEFT =
  'A remember-me token was used after it had been replaced, so somebody has a copy of the cookie. Its series has ended';

const NOT_OURS =
  'A remember-me cookie does not open: its key was dropped too early, it was made for another cookie name, tenant or audience, or ' +
  'somebody has made it up';

/** Writes the events of one session's remember-me to the log. */
export function logRememberMe(events: SessionEvents, name: string, { tell }: SessionLog): void {
  events.on('rememberTheft', ({ session, sessions }) => {
    if (session === name) tell(THEFT, 'rememberTheft', { sessions });
  });
  events.on('rememberRejected', ({ session, reason }) => {
    if (session !== name) return;
    if (reason === 'not-ours') tell(NOT_OURS, 'rememberMismatch', { reason });
    else tell(`A remember-me cookie logged nobody in (${reason})`, 'rememberRejected', { reason });
  });
}
