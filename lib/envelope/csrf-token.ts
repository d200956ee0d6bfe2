import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';

const NONCE_LENGTH = 16;
const MAC_LENGTH = 32;
const LENGTH = NONCE_LENGTH + MAC_LENGTH;
/** Characters above which a token is refused without being decoded; a genuine one has 64. */
const MAX_TEXT = 100;

/** The keys that CSRF tokens are made with; the first makes them, all verify. */
export interface CsrfKeys {
  readonly keys: readonly { readonly csrf: KeyObject }[];
}

/** Makes and verifies tokens against cross-site request forgery:
 *
 *      nonce(16) ‖ HMAC-SHA-256(`csrf` subkey, nonce ‖ seed)        base64url, 64 characters
 *
 *  The seed is a random text of the session. A token is never bound to the session's id or cookie token, so that a page
 *  cannot leak either of them. The nonce makes every token a new text: a compressed response (BREACH) does not reveal it
 *  piece by piece. */
export class CsrfTokens {
  /** `keys` holds the current ring, which a reload exchanges; it is read at each call. */
  constructor(private readonly keys: { readonly ring: CsrfKeys }) {}

  /** Returns a new token for `seed`, made with the first key. */
  make(seed: string): string {
    const nonce = randomPoolBytes(NONCE_LENGTH);
    return encodeBase64url(Buffer.concat([nonce, this.mac(0, nonce, seed)]));
  }

  /** Reports whether any key of the ring made this token for this seed. `token` may be anything that a client sent. The
   *  length is checked before the text is decoded, and again before bytes are cut from it. */
  verify(token: unknown, seed: string): boolean {
    const bytes = typeof token === 'string' && token.length < MAX_TEXT ? decodeBase64url(token) : undefined;
    if (bytes?.length !== LENGTH) return false;
    const nonce = bytes.subarray(0, NONCE_LENGTH);
    const mac = bytes.subarray(NONCE_LENGTH);
    return this.keys.ring.keys.some((_, i) => timingSafeEqual(mac, this.mac(i, nonce, seed)));
  }

  private mac(key: number, nonce: Buffer, seed: string): Buffer {
    return createHmac('sha256', this.keys.ring.keys[key]!.csrf).update(nonce).update(seed).digest();
  }
}
