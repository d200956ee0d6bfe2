import { SessionStateError } from '../errors/session-state.error.js';

/** Why a session takes no change: `route` by decorator, `down` since the store does not answer, `off` by context, `nobody`
 *  since it is found by user and the request has none. */
export type ReadonlyReason = 'route' | 'down' | 'off' | 'nobody';

const READONLY: Record<ReadonlyReason, string> = {
  route: 'This route reads the session only (@ReadonlySession); take the decorator away to change it',
  down: 'The session store is unavailable, so the session cannot be changed',
  nobody: 'Sessions are found by user here, and nobody is known to have sent this request',
  off: 'Sessions are off for this host or path (session.enabled, session.include, session.exclude or contexts)',
};

export function readonlyError(reason: ReadonlyReason): SessionStateError {
  return new SessionStateError('ERR_SESSION_READONLY', READONLY[reason], reason === 'down' ? 503 : 500);
}
