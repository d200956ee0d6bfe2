import { createHash, createHmac } from 'node:crypto';
import { randomPoolBytes } from '../crypto/random-pool.js';

const SERIES_LENGTH = 16;
export const SECRET_LENGTH = 32;
export const TOKEN_LENGTH = SERIES_LENGTH + SECRET_LENGTH;
const NEXT = Buffer.from('remember-me: the next secret of a series\0');

/** What a remembered browser holds. Whoever has it is logged in once. */
export interface RememberToken {
  /** 16 random bytes: one browser's way to one subject, the same through all replacements. */
  readonly series: Buffer;
  /** 32 bytes that log in once. */
  readonly secret: Buffer;
}

/** A token of a new series. */
export const randomToken = (): RememberToken => ({
  series: randomPoolBytes(SERIES_LENGTH),
  secret: randomPoolBytes(SECRET_LENGTH),
});

/** The token after this one. Only who holds this one and reads the series can know it: so a browser that lost it is
 *  given it again, and neither a stolen old cookie nor a stolen table alone leads to it. `salt`: 32 random bytes. */
export function nextToken({ series, secret }: RememberToken, salt: Buffer): RememberToken {
  const next = createHmac('sha256', secret).update(NEXT).update(series).update(salt);
  return { series, secret: next.digest() };
}

/** The row's key: SHA-256 of the series, so that lists can name it and a table holds nothing that could be sent. */
export const keyOf = ({ series }: RememberToken): Buffer => createHash('sha256').update(series).digest();

/** What is kept of a secret. It has 256 bits of chance, so that one SHA-256 is enough. */
export const hashOf = ({ secret }: RememberToken): Buffer => createHash('sha256').update(secret).digest();

/** series(16) ‖ secret(32) */
export const encodeToken = ({ series, secret }: RememberToken): Buffer => Buffer.concat([series, secret]);

/** A copy of what {@link encodeToken} made, or `undefined`. */
export function decodeToken(bytes: Buffer): RememberToken | undefined {
  if (bytes.length !== TOKEN_LENGTH) return undefined;
  return {
    series: Buffer.from(bytes.subarray(0, SERIES_LENGTH)),
    secret: Buffer.from(bytes.subarray(SERIES_LENGTH)),
  };
}

/** Nobody can log in with it any more. */
export const wipe = ({ secret }: RememberToken): void => void secret.fill(0);
