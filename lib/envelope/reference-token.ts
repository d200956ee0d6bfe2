import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { hintInText } from '../crypto/key-hint.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import type { KeyRing } from '../crypto/key-ring.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';
import { HEADER_LENGTH, NO_ROW, writeHeader, type EnvelopeContext } from './envelope-context.js';

/** First byte of a reference token. No envelope begins with it, so the first byte of a cookie tells the two apart. */
export const REFERENCE_VERSION = 0x81;
/** Random bytes of a token: 256 bits, which nobody can guess. */
export const REFERENCE_TOKEN_LENGTH = 32;
const MAC_LENGTH = 16;
const MAC_AT = HEADER_LENGTH + REFERENCE_TOKEN_LENGTH;
const LENGTH = MAC_AT + MAC_LENGTH;
/** Characters of a reference token: 71, for 53 bytes. */
export const REFERENCE_TEXT_LENGTH = Math.ceil((LENGTH * 4) / 3);

/** A token whose MAC has been checked. The store has not been asked for its row yet. */
export interface Reference {
  readonly token: Buffer;
  /** True if the cookie should be written again: another key than the first tagged it. */
  readonly stale: boolean;
}

/** Writes and reads the cookie value of a session that a server store keeps:
 *
 *      0x81 ‖ key hint(4) ‖ token(32) ‖ MAC(16)                                          base64url, 71 characters
 *      └─── header(5) ───┘
 *      MAC = first 16 bytes of HMAC-SHA-256(`ref` subkey, context ‖ token)               RFC 2104 §5 (truncation)
 *
 *  The context is the envelope's ({@link EnvelopeContext}), with this header as item 0 and an empty row. The token alone
 *  is secret enough. The MAC serves another purpose: a forged token costs one HMAC and no query. */
export class ReferenceTokens {
  /** `keys` holds the current ring, which a reload exchanges; it is read at each call. */
  constructor(
    private readonly keys: { readonly ring: KeyRing },
    private readonly context: EnvelopeContext,
  ) {}

  /** False while all keys of a managed ring are revoked: then nobody can say whose a token is. */
  get hasKeys(): boolean {
    return this.keys.ring.keys.length > 0;
  }

  /** Returns a new token: 32 random bytes. */
  static random(): Buffer {
    return randomPoolBytes(REFERENCE_TOKEN_LENGTH);
  }

  /** Returns the key of the token's row: SHA-256 of the token. Whoever reads the table finds nothing there that a cookie
   *  could carry. A plain hash is enough, since the token is random and cannot be searched for. */
  static rowKey(token: Buffer): Buffer {
    return createHash('sha256').update(token).digest();
  }

  /** Returns the cookie value for a token, with a MAC by the first key. Throws a SessionStateError if the ring has no key. */
  write(token: Buffer): string {
    const { first } = this.keys.ring;
    const bytes = Buffer.allocUnsafeSlow(LENGTH); // not in Node's shared pool, since the token is secret
    writeHeader(bytes, REFERENCE_VERSION, first.hint);
    bytes.set(token, HEADER_LENGTH);
    bytes.set(this.mac(first.ref, bytes, token), MAC_AT);
    return encodeBase64url(bytes);
  }

  /** Returns the token in a cookie value that one of our keys tagged for this context, or the reason why there is none.
   *
   *  The checks run from cheap to costly: length (exact, so that all reads stay within the bytes), canonical spelling,
   *  version, key hint, and the MAC in constant time. */
  read(text: string): Reference | RejectReason {
    if (text.length !== REFERENCE_TEXT_LENGTH) return 'length';
    const bytes = decodeBase64url(text);
    if (!bytes) return 'encoding';
    if (bytes[0] !== REFERENCE_VERSION) return 'version';
    const { ring } = this.keys;
    const key = ring.find(bytes.readUInt32BE(1));
    if (!key) return 'unknown-key';
    const token = bytes.subarray(HEADER_LENGTH, MAC_AT);
    const mac = this.mac(key.ref, bytes, token);
    if (!timingSafeEqual(mac, bytes.subarray(MAC_AT))) return 'tag';
    key.opens.add();
    return { token, stale: ring.isStale(key) };
  }

  /** Returns the key hint that a text names which was refused for this reason. Unverified. */
  hintOf(text: string, reason: RejectReason): string | undefined {
    return hintInText(text, reason);
  }

  private mac(key: KeyObject, head: Buffer, token: Buffer): Buffer {
    const hmac = createHmac('sha256', key).update(this.context.encode(head, NO_ROW)).update(token);
    return hmac.digest().subarray(0, MAC_LENGTH);
  }
}
