import type { TokenSession } from './token-session.js';

/** A key that `expand` can use. Objects of a token are good for one session, so each session is given its own. */
export interface MacKey {
  /** The handle of an object for HMAC-SHA-512. */
  mac(session: TokenSession): bigint;
}
