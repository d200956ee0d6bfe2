import { randomUUID } from 'node:crypto';
import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheCipher } from './ciphers.js';
import type { DriverCipher } from './driver-cipher.js';
import { SIPHASH_LENGTH, type SipHashKey } from './siphash.js';

// The bytes of a sealed value, before base64:
//
//     mac(8) ‖ salt(16) ‖ iv(16, 8 for 3des192) ‖ ciphertext        see mod_session_crypto.c, encrypt_string

const SALT_LENGTH = 16;
const SALT_AT = SIPHASH_LENGTH;
const IV_AT = SALT_AT + SALT_LENGTH;

/** Bytes of MAC and salt. httpd ignores a shorter blob without looking at it. */
export const MIN_BLOB_LENGTH = IV_AT;

/** Encrypts `text` and returns the blob: mac(8) ‖ salt(16) ‖ iv(16, 8 for 3des192) ‖ ciphertext. The MAC covers all bytes
 *  after it. `key` is the cipher key of this salt; `iv` must be new. */
export function sealBlob(
  cipher: DriverCipher,
  mac: SipHashKey,
  key: KeyHandle,
  salt: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Awaitable<Buffer> {
  return andThen(cipher.encrypt(key, iv, text), (ciphertext) => blobOf(mac, salt, iv, ciphertext));
}

function blobOf(mac: SipHashKey, salt: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  const blob = Buffer.allocUnsafe(IV_AT + iv.length + ciphertext.length);
  blob.set(salt, SALT_AT);
  blob.set(iv, IV_AT);
  blob.set(ciphertext, IV_AT + iv.length);
  blob.set(mac.tag(blob, SALT_AT), 0);
  return blob;
}

/** Returns the salt of a blob of at least {@link MIN_BLOB_LENGTH} bytes. */
export const saltOf = (blob: Buffer): Buffer => blob.subarray(SALT_AT, IV_AT);

/** The part of a blob that the cipher key opens. */
export interface BlobBody {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
}

/** Returns IV and ciphertext of a blob, or `undefined` unless the ciphertext is one or more whole blocks. */
export function bodyOf(cipher: ApacheCipher, blob: Buffer): BlobBody | undefined {
  const at = IV_AT + cipher.block;
  if (blob.length <= at || (blob.length - at) % cipher.block) return undefined;
  return { iv: blob.subarray(IV_AT, at), ciphertext: blob.subarray(at) };
}

/** Returns a salt as httpd makes it: the 16 bytes of a version 4 UUID, of which 122 bits are random. */
export const randomSalt = (): Buffer => Buffer.from(randomUUID().replaceAll('-', ''), 'hex');

/** Decodes base64 as httpd does (apr_base64.c): up to the first character outside `A-Za-z0-9+/`, with or without padding;
 *  a single leftover character is dropped. Node's decoder would skip other characters and accept `-` and `_`. */
export function decodeBlob(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes; // the usual spelling; comparing is cheaper than searching
  const end = text.search(OUTSIDE);
  return end < 0 ? bytes : Buffer.from(text.slice(0, end), 'base64');
}

const OUTSIDE = /[^A-Za-z0-9+/]/;
