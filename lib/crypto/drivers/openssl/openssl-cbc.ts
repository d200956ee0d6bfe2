import { createCipheriv, createDecipheriv, getCipherInfo, type KeyObject } from 'node:crypto';
import { CBC_CIPHERS, type CbcCipher } from '../../cbc-ciphers.js';
import type { CbcDriver } from '../../crypto-driver.interface.js';

/** CBC of Node's own OpenSSL, or of the engine that was set, synchronous throughout. */
export class OpensslCbc implements CbcDriver {
  readonly ciphers = CBC_CIPHERS.filter(({ openssl }) => getCipherInfo(openssl)).map(({ name }) => name);

  encrypt(cipher: CbcCipher, key: KeyObject, iv: Uint8Array, plaintext: Uint8Array): Buffer {
    const encryption = createCipheriv(cipher.openssl, key, iv);
    const blocks = encryption.update(plaintext);
    return blocks.length ? Buffer.concat([blocks, encryption.final()]) : encryption.final();
  }

  /** Without `final()` and its copy: there is no padding left to judge. */
  decrypt(cipher: CbcCipher, key: KeyObject, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
    return createDecipheriv(cipher.openssl, key, iv).setAutoPadding(false).update(ciphertext);
  }
}
