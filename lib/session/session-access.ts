import { SessionStateError } from '../errors/session-state.error.js';

/** The reason why a session takes no change.
 *
 *  - `route`: the route has `@ReadonlySession()`.
 *  - `down`: the store does not respond, and `session.onStoreDown` is `anonymous`.
 *  - `off`: a context or a path has no sessions.
 *  - `nobody`: the store finds sessions by user, and the request names none.
 *  - `origin`: a page of another origin has opened the socket.
 *  - `work`: `runWithSession()` was called with `readonly: true`. */
export type ReadonlyReason = 'route' | 'down' | 'off' | 'nobody' | 'origin' | 'work';

/** What connection, route and store allow one request to do with one session. The value is immutable; the owner of the
 *  request makes a new one when it learns more, such as the options of the route. */
export interface SessionAccess {
  /** `forbidden`: no cookie may be sent over this connection, so no session is stored. */
  readonly cookie: 'allowed' | 'forbidden';
  /** Absent when the session takes changes. */
  readonly readonly: ReadonlyReason | undefined;
  /** `due`: idle clock and id are renewed when it is time. `explicit`: only `touch()` moves the idle clock. `never`: a
   *  guard has refused the request, so nothing is renewed. `unseen`: no visitor is here, so a save leaves the idle clock too. */
  readonly renewal: 'due' | 'explicit' | 'never' | 'unseen';
}

export const FULL_ACCESS: SessionAccess = Object.freeze({
  cookie: 'allowed',
  readonly: undefined,
  renewal: 'due',
});

const MESSAGES: Record<ReadonlyReason, string> = {
  route: 'This route has @ReadonlySession(); remove the decorator to change the session here',
  down: 'The session store is unavailable, so the session cannot be changed',
  nobody: 'This store finds sessions by user, and the request names no user',
  origin:
    'A page of another origin has opened this socket; if it is yours, name it in attach(request, client, { origins })',
  work: 'runWithSession() was called with readonly: true; leave it out to change the session here',
  off: 'Sessions are off for this host or path (session.enabled, session.include, session.exclude or contexts)',
};

/** The error for a change that `reason` forbids: status 503 when the store is down, else 500. */
export function readonlyError(reason: ReadonlyReason): SessionStateError {
  return new SessionStateError('ERR_SESSION_READONLY', MESSAGES[reason], reason === 'down' ? 503 : 500);
}
