import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { randomPoolBytes } from '../crypto/random-pool.js';
import type { KeyRing } from '../crypto/key-ring.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';
import { header } from './envelope.js';
import { HEADER_LENGTH, NO_ROW, type EnvelopeContext } from './envelope-context.js';

export const REFERENCE_VERSION = 0x81;
export const REFERENCE_TOKEN_LENGTH = 32;
const MAC_LENGTH = 16;
const MAC_AT = HEADER_LENGTH + REFERENCE_TOKEN_LENGTH;
const LENGTH = MAC_AT + MAC_LENGTH;
/** Characters of a reference token. */
export const REFERENCE_TEXT_LENGTH = Math.ceil((LENGTH * 4) / 3);

/** A token that we tagged, and whether an old key did it. */
export interface Reference {
  readonly token: Buffer;
  readonly stale: boolean;
}

/** What stands in the cookie when the session waits in a server store:
 *
 *      0x81 ‖ key hint(4) ‖ token(32) ‖ MAC(16)        base64url, 71 characters
 *      MAC = first 16 bytes of HMAC-SHA-256(`ref` subkey, context ‖ token)
 *
 *  The context is the envelope's, its item 0 being the 5 header bytes and its row empty. A forged token dies here,
 *  without a query. */
export class ReferenceTokens {
  constructor(
    private readonly keys: { readonly ring: KeyRing },
    private readonly context: EnvelopeContext,
  ) {}

  /** 32 fresh random bytes. */
  static random(): Buffer {
    return randomPoolBytes(REFERENCE_TOKEN_LENGTH);
  }

  /** The row's key: SHA-256 of the token, so that a table holds nothing that could be sent. */
  static rowKey(token: Buffer): Buffer {
    return createHash('sha256').update(token).digest();
  }

  /** The text for the cookie, tagged by the first key. */
  write(token: Buffer): string {
    const { first } = this.keys.ring;
    const head = header(REFERENCE_VERSION, first.hint);
    return encodeBase64url(Buffer.concat([head, token, this.mac(first.ref, head, token)]));
  }

  /** The token of a text that one of our keys tagged for this context; else why not. */
  read(text: string): Reference | RejectReason {
    if (text.length !== REFERENCE_TEXT_LENGTH) return 'length';
    const bytes = decodeBase64url(text);
    if (!bytes) return 'encoding';
    if (bytes[0] !== REFERENCE_VERSION) return 'version';
    const { ring } = this.keys;
    const key = ring.find(bytes.readUInt32BE(1));
    if (!key) return 'unknown-key';
    const token = bytes.subarray(HEADER_LENGTH, MAC_AT);
    const mac = this.mac(key.ref, bytes.subarray(0, HEADER_LENGTH), token);
    if (!timingSafeEqual(mac, bytes.subarray(MAC_AT))) return 'tag';
    return { token, stale: ring.isStale(key) };
  }

  private mac(key: KeyObject, head: Buffer, token: Buffer): Buffer {
    const hmac = createHmac('sha256', key).update(this.context.encode(head, NO_ROW)).update(token);
    return hmac.digest().subarray(0, MAC_LENGTH);
  }
}
