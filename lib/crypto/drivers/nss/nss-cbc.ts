import { CBC_CIPHERS, type CbcCipher } from '../../cbc-ciphers.js';
import type { CbcDriver, KeyHandle } from '../../crypto-driver.interface.js';
import type { KeyVault } from './key-vault.js';
import { CBC } from './mechanisms.js';
import type { NssCipher } from './nss-cipher.js';

/** Raw CBC of the Apache format through NSS. It calls the functions that httpd's nss driver calls (apr_crypto_nss.c). */
export class NssCbc implements CbcDriver {
  readonly ciphers = CBC_CIPHERS.map(({ name }) => name);
  readonly #vault: KeyVault;
  readonly #cipher: NssCipher;

  constructor(vault: KeyVault, cipher: NssCipher) {
    this.#vault = vault;
    this.#cipher = cipher;
  }

  encrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, plaintext: Uint8Array): Buffer {
    this.check(cipher, key, iv);
    const { padded } = CBC[cipher.name];
    const out = Buffer.allocUnsafe(plaintext.length + cipher.block - (plaintext.length % cipher.block));
    this.#vault.withKey(key, padded, (at) => this.#cipher.encrypt(at, padded, iv, plaintext, out));
    return out;
  }

  decrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
    this.check(cipher, key, iv);
    if (!ciphertext.length || ciphertext.length % cipher.block)
      throw new RangeError(`${cipher.name} takes whole blocks of ${cipher.block} bytes`);
    const { unpadded } = CBC[cipher.name];
    const out = Buffer.allocUnsafeSlow(ciphertext.length);
    this.#vault.withKey(key, unpadded, (at) => this.#cipher.decrypt(at, unpadded, iv, ciphertext, out));
    return out;
  }

  /** NSS trusts the lengths that it is told, so that a short IV would be read beyond its end. */
  private check(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array): void {
    if (this.#vault.lengthOf(key) !== cipher.keyLength || iv.length !== cipher.block)
      throw new RangeError(
        `${cipher.name} takes a key of ${cipher.keyLength} bytes and an IV of ${cipher.block}`,
      );
  }
}
