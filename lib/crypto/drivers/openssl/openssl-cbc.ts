import { createCipheriv, createDecipheriv, getCipherInfo, type KeyObject } from 'node:crypto';
import { CBC_CIPHERS, type CbcCipher } from '../../cbc-ciphers.js';
import type { CbcDriver } from '../../crypto-driver.interface.js';

/** Raw CBC by Node's own OpenSSL, or by the engine that the process has set. Synchronous. */
export class OpensslCbc implements CbcDriver {
  /** OpenSSL in FIPS mode, or without its legacy provider, may lack a cipher. */
  readonly ciphers = CBC_CIPHERS.filter(({ openssl }) => getCipherInfo(openssl)).map(({ name }) => name);

  encrypt(cipher: CbcCipher, key: KeyObject, iv: Uint8Array, plaintext: Uint8Array): Buffer {
    const encryption = createCipheriv(cipher.openssl, key, iv);
    const blocks = encryption.update(plaintext);
    return blocks.length ? Buffer.concat([blocks, encryption.final()]) : encryption.final();
  }

  /** Does not call `final()`: with automatic padding off, `update()` has returned all blocks, and `final()` would only
   *  copy them. */
  decrypt(cipher: CbcCipher, key: KeyObject, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
    return createDecipheriv(cipher.openssl, key, iv).setAutoPadding(false).update(ciphertext);
  }
}
