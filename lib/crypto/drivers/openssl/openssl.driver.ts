import { createCipheriv, createDecipheriv, createHmac, createSecretKey, KeyObject } from 'node:crypto';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import { SUITES, TAG_LENGTH, type Suite } from '../../suites.js';
import { OpensslCbc } from './openssl-cbc.js';

const HASH_LENGTH = 64;

/** The default driver: Node's own OpenSSL, synchronous throughout. */
export class OpensslDriver implements CryptoDriver {
  readonly name = 'openssl';
  readonly ciphers = SUITES.map((suite) => suite.cipher);
  readonly cbc = new OpensslCbc();

  importKey(bytes: Uint8Array): KeyObject {
    return createSecretKey(bytes);
  }

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

  seal(suite: Suite, key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
    const cipher = createCipheriv(suite.openssl as 'aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([ciphertext, cipher.getAuthTag()]);
  }

  open(suite: Suite, key: KeyObject, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
    const end = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(suite.openssl as 'aes-256-gcm', key, nonce, {
      authTagLength: TAG_LENGTH,
    });
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

/** The counter byte of RFC 5869 §2.3, ready to be hashed. */
const COUNTERS = Array.from({ length: 255 }, (_, i) => Buffer.of(i + 1));
