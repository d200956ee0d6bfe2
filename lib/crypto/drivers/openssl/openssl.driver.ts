import { createCipheriv, createDecipheriv, createHmac, createSecretKey, KeyObject } from 'node:crypto';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import { NO_DATA, SUITES, TAG_LENGTH, type Suite } from '../../suites.js';
import { OpensslCbc } from './openssl-cbc.js';

const HASH_LENGTH = 64;
/** Options of every cipher. */
const TAG = { authTagLength: TAG_LENGTH };

/** The default driver: Node's own OpenSSL. Synchronous. Keys are `KeyObject`s: JavaScript cannot see their bytes, and
 *  OpenSSL wipes them when they are collected. */
export class OpensslDriver implements CryptoDriver {
  readonly name = 'openssl';
  readonly version = process.versions.openssl;
  readonly ciphers = SUITES.map((suite) => suite.cipher);
  readonly cbc = new OpensslCbc();

  /** Takes keys of any length; OpenSSL itself refuses a length that does not fit the cipher. */
  importKey(bytes: Uint8Array): KeyObject {
    return createSecretKey(bytes);
  }

  /** T(i) = HMAC(key, T(i-1) ‖ info ‖ i), RFC 5869 §2.3. Node's `hkdfSync` is not used, since it always runs the extract
   *  step too. Each block is wiped when the next one has been computed. */
  expand(key: KeyObject, info: Uint8Array, length: number): Buffer {
    const out = Buffer.allocUnsafeSlow(length);
    let block: Buffer | undefined;
    for (let at = 0; at < length; at += HASH_LENGTH) {
      const hmac = createHmac('sha512', key);
      if (block) hmac.update(block);
      const next = hmac
        .update(info)
        .update(COUNTERS[at / HASH_LENGTH]!)
        .digest();
      next.copy(out, at);
      block?.fill(0);
      block = next;
    }
    block?.fill(0);
    return out;
  }

  /** All three suites have the type of AES-GCM in Node's typings: their overloads differ in the name alone. */
  seal(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer {
    const cipher = createCipheriv(suite.openssl as 'aes-256-gcm', key, nonce, TAG);
    cipher.setAAD(additionalData);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    const sealed = Buffer.allocUnsafe(ciphertext.length + TAG_LENGTH);
    sealed.set(ciphertext);
    sealed.set(cipher.getAuthTag(), ciphertext.length);
    return sealed;
  }

  /** A shorter `sealed` than a tag throws: Node refuses a tag of another length than 16 bytes. `update()` returns plaintext
   *  that is not yet verified; it is wiped if `final()` finds a wrong tag. */
  open(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer | undefined {
    const end = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(suite.openssl as 'aes-256-gcm', key, nonce, TAG);
    decipher.setAAD(additionalData);
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
      return plaintext;
    } catch {
      plaintext.fill(0);
      return undefined;
    }
  }
}

/** The counters 1 to 255 of RFC 5869 §2.3, one byte each. There is no 256th, so a longer output throws. */
const COUNTERS = Array.from({ length: 255 }, (_, i) => Buffer.of(i + 1));
