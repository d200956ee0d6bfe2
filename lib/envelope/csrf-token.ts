import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { sealingOf } from '../crypto/key-ring.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';

const TIME_LENGTH = 4;
const NONCE_LENGTH = 12;
const MAC_LENGTH = 32;
/** Bytes of time and nonce, which the MAC covers together with the seed. */
const PREFIX_LENGTH = TIME_LENGTH + NONCE_LENGTH;
const LENGTH = PREFIX_LENGTH + MAC_LENGTH;
/** Characters above which a token is refused without being decoded; a genuine one has 64. */
const MAX_TEXT = 100;

/** The keys that CSRF tokens are made with; the first makes them, all verify. */
export interface CsrfKeys {
  readonly keys: readonly { readonly csrf: KeyObject }[];
}

/** Makes and verifies tokens against cross-site request forgery:
 *
 *      time(4) ‖ nonce(12) ‖ HMAC-SHA-256(`csrf` subkey, time ‖ nonce ‖ seed)        base64url, 64 characters
 *
 *  The seed is a random text of the session. A token is never bound to the session's id or cookie token, so that a page
 *  cannot leak either of them. The nonce makes every token a new text: a compressed response (BREACH) does not reveal it
 *  piece by piece. */
export class CsrfTokens {
  /** `keys` holds the current ring, which a reload exchanges; it is read at each call. */
  constructor(private readonly keys: { readonly ring: CsrfKeys }) {}

  /** Returns a new token for `seed`, made with the first key. `now` is in seconds since 1970. Throws a SessionStateError if the
   *  ring has no key. */
  make(seed: string, now: number): string {
    const first = sealingOf(this.keys.ring.keys);
    const prefix = Buffer.alloc(PREFIX_LENGTH);
    prefix.writeUInt32BE(now);
    randomPoolBytes(NONCE_LENGTH).copy(prefix, TIME_LENGTH);
    return encodeBase64url(Buffer.concat([prefix, macOf(first, prefix, seed)]));
  }

  /** Returns the seconds since 1970 at which any key of the ring made this token for this seed; `undefined` if none did. The
   *  caller judges the age. `token` may be anything that a client sent. The length is checked before the text is decoded, and
   *  again before bytes are cut from it. */
  timeOf(token: unknown, seed: string): number | undefined {
    const bytes = typeof token === 'string' && token.length < MAX_TEXT ? decodeBase64url(token) : undefined;
    if (bytes?.length !== LENGTH) return undefined;
    const prefix = bytes.subarray(0, PREFIX_LENGTH);
    const mac = bytes.subarray(PREFIX_LENGTH);
    const isGenuine = this.keys.ring.keys.some((key) => timingSafeEqual(mac, macOf(key, prefix, seed)));
    return isGenuine ? prefix.readUInt32BE() : undefined;
  }
}

const macOf = ({ csrf }: CsrfKeys['keys'][number], prefix: Buffer, seed: string): Buffer =>
  createHmac('sha256', csrf).update(prefix).update(seed).digest();
