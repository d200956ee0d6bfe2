import { SessionStateError } from '../errors/session-state.error.js';

/** Why a session that has lost a change takes no other one. */
export const lostChange = (): SessionStateError =>
  headSent('An earlier change came after the head of the response was sent, and save() did not follow');

/** The head has left, so the cookie stays as it is. */
export const cookieSent = (): SessionStateError =>
  headSent('The head of the response is sent, so its cookie cannot be changed any more');

/** The client was told that nothing is stored. */
export const answeredWithError = (): SessionStateError =>
  headSent('An error was sent in place of the response, so nothing of this request is stored any more');

/** Work outside of a request cannot send a cookie. */
export const noResponse = (): SessionStateError =>
  new SessionStateError(
    'ERR_SESSION_UNSUPPORTED',
    'login() and regenerate() send a cookie, and runWithSession() has no response to send it with; call them in a request',
  );

/** Work outside of a request cannot begin a session. */
export const noOther = (): SessionStateError =>
  new SessionStateError(
    'ERR_SESSION_GONE',
    'The session has ended, and runWithSession() cannot begin another: it has no response to send a cookie with',
  );

export const cookieForbidden = (): SessionStateError =>
  new SessionStateError('ERR_SESSION_UNSUPPORTED', 'No cookie may be sent over this connection');

export const goneMeanwhile = (): SessionStateError =>
  new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile, or its cookie cannot be used');

export const destroyedHere = (): SessionStateError =>
  new SessionStateError('ERR_SESSION_ENDED', 'The session was destroyed by this request');

const headSent = (message: string) => new SessionStateError('ERR_SESSION_HEAD_SENT', message);
