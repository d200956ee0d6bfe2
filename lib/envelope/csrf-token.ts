import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';

const NONCE_LENGTH = 16;
const LENGTH = NONCE_LENGTH + 32;

/** The keys of the moment; the first makes, all verify. */
export interface CsrfKeys {
  readonly keys: readonly { readonly csrf: KeyObject }[];
}

/** Tokens against cross-site requests, bound to a session's seed and never to its id or token:
 *
 *      nonce(16) ‖ HMAC-SHA-256(`csrf` subkey, nonce ‖ seed)        base64url, another text at every call
 */
export class CsrfTokens {
  constructor(private readonly keys: { readonly ring: CsrfKeys }) {}

  make(seed: string): string {
    const nonce = randomPoolBytes(NONCE_LENGTH);
    return encodeBase64url(Buffer.concat([nonce, this.mac(0, nonce, seed)]));
  }

  /** Whether any key of the ring made this token for this seed. */
  verify(token: unknown, seed: string): boolean {
    const bytes = typeof token === 'string' && token.length < 100 ? decodeBase64url(token) : undefined;
    if (bytes?.length !== LENGTH) return false;
    const nonce = bytes.subarray(0, NONCE_LENGTH);
    const mac = bytes.subarray(NONCE_LENGTH);
    return this.keys.ring.keys.some((_, i) => timingSafeEqual(mac, this.mac(i, nonce, seed)));
  }

  private mac(key: number, nonce: Buffer, seed: string): Buffer {
    return createHmac('sha256', this.keys.ring.keys[key]!.csrf).update(nonce).update(seed).digest();
  }
}
