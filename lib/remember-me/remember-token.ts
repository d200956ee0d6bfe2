import { createHash, createHmac } from 'node:crypto';
import { randomPoolBytes } from '../crypto/random-pool.js';

const SERIES_LENGTH = 16;
/** Bytes of a secret, of its hash and of a salt. */
export const SECRET_LENGTH = 32;
export const TOKEN_LENGTH = SERIES_LENGTH + SECRET_LENGTH;
const NEXT = Buffer.from('remember-me: the next secret of a series\0');

/** The credential of a remembered browser: its holder is logged in once. */
export interface RememberToken {
  /** Names the series: 16 random bytes that every replacement keeps. */
  readonly series: Buffer;
  /** Logs in once: 32 bytes. */
  readonly secret: Buffer;
}

/** Returns the first token of a new series. */
export const randomToken = (): RememberToken => ({
  series: randomPoolBytes(SERIES_LENGTH),
  secret: randomPoolBytes(SECRET_LENGTH),
});

/** Returns the token that replaces this one. `salt` is 32 random bytes that the stored series contains. Deriving the
 *  successor takes both the old token and the salt. So a browser that lost the response gets the same successor again, and
 *  neither a stolen old cookie nor a stolen table is enough.
 *
 *  The new secret is HMAC-SHA-256(secret, label ‖ series ‖ salt). */
export function nextToken({ series, secret }: RememberToken, salt: Buffer): RememberToken {
  const next = createHmac('sha256', secret).update(NEXT).update(series).update(salt);
  return { series, secret: next.digest() };
}

/** Returns the row key: SHA-256 of the series. A list may show it, and nobody can build a token from it. */
export const keyOf = ({ series }: RememberToken): Buffer => createHash('sha256').update(series).digest();

/** Returns the hash under which a secret is stored. The secret has 256 random bits, so one SHA-256 is enough. */
export const hashOf = ({ secret }: RememberToken): Buffer => createHash('sha256').update(secret).digest();

/** Encodes a token: series(16) ‖ secret(32). */
export const encodeToken = ({ series, secret }: RememberToken): Buffer => Buffer.concat([series, secret]);

/** Decodes the bytes of {@link encodeToken}; `undefined` if they have another length. The token is a copy, so the bytes can
 *  be wiped. */
export function decodeToken(bytes: Buffer): RememberToken | undefined {
  if (bytes.length !== TOKEN_LENGTH) return undefined;
  return {
    series: Buffer.from(bytes.subarray(0, SERIES_LENGTH)),
    secret: Buffer.from(bytes.subarray(SERIES_LENGTH)),
  };
}

/** Overwrites a token's secret with zeros. */
export const wipe = ({ secret }: RememberToken): void => void secret.fill(0);
