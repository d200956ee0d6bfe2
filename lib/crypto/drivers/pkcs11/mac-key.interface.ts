import type { TokenSession } from './token-session.js';

/** A key that `expand` can use. An object handle is valid in one session only, so the key is asked for its handle in each
 *  session. */
export interface MacKey {
  /** Returns the handle of an HMAC-SHA-512 key object that is valid in `session`. */
  mac(session: TokenSession): bigint;
}
