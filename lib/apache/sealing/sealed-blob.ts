import { randomUUID } from 'node:crypto';
import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheCipher } from './apache-cipher.js';
import type { DriverCipher } from './driver-cipher.js';
import { SIPHASH_LENGTH, type SipHashKey } from './siphash.js';

export const SALT_LENGTH = 16;
const SALT_AT = SIPHASH_LENGTH;
const IV_AT = SALT_AT + SALT_LENGTH;

/** Bytes below which httpd does not look at a blob: tag and salt. */
export const MIN_BLOB_LENGTH = IV_AT;

/** mac(8) ‖ salt(16) ‖ iv(16, 8 for 3des192) ‖ ciphertext        see mod_session_crypto.c, encrypt_string
 *
 *  The MAC is over all that follows it. `key` is the cipher key of this salt. */
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

/** The salt of a blob of at least {@link MIN_BLOB_LENGTH} bytes. */
export const saltOf = (blob: Buffer): Buffer => blob.subarray(SALT_AT, IV_AT);

/** What the cipher key opens. */
export interface BlobBody {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
}

/** IV and ciphertext of a blob, or `undefined` unless there are blocks and all of them are whole. */
export function bodyOf(cipher: ApacheCipher, blob: Buffer): BlobBody | undefined {
  const at = IV_AT + cipher.block;
  if (blob.length <= at || (blob.length - at) % cipher.block) return undefined;
  return { iv: blob.subarray(IV_AT, at), ciphertext: blob.subarray(at) };
}

/** A salt as httpd makes it: the 16 bytes of a version 4 UUID, 122 of their bits random. */
export const randomSalt = (): Buffer => Buffer.from(randomUUID().replaceAll('-', ''), 'hex');

/** The bytes of a base64 text, read as httpd reads it: up to the first character outside `A-Za-z0-9+/`, padding or not,
 *  a single left-over character dropped (apr_base64.c). Node alone would skip junk and take `-` and `_`. */
export function decodeBlob(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes; // as httpd writes it: cheaper to see than to search
  const end = text.search(OUTSIDE);
  return end < 0 ? bytes : Buffer.from(text.slice(0, end), 'base64');
}

const OUTSIDE = /[^A-Za-z0-9+/]/;
