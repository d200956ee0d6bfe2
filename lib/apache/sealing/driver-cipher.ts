import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import type { CbcDriver, CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheCipher } from './ciphers.js';
import type { PassphraseKey } from './passphrase-key.js';

/** One cipher of the Apache format, computed by a driver. Node's OpenSSL returns values; other drivers may return
 *  promises. */
export class DriverCipher {
  private readonly cbc: CbcDriver;

  /** The caller has checked that the driver has the cipher, see `missingCipherFault`. */
  constructor(
    private readonly driver: CryptoDriver,
    readonly row: ApacheCipher,
  ) {
    this.cbc = driver.cbc!;
  }

  /** Derives the cipher key of a salt and imports it into the driver. The bytes of the key are wiped. */
  async derive(from: PassphraseKey, salt: Uint8Array): Promise<KeyHandle> {
    const bytes = await from.derive(salt, this.row.keyLength);
    try {
      return await this.driver.importKey(bytes, 'cbc');
    } finally {
      bytes.fill(0);
    }
  }

  /** True if the hardware token that held the key has dropped it, so that the key must be derived again. */
  isLost(key: KeyHandle): boolean {
    return this.driver.isLost?.(key) ?? false;
  }

  /** Returns the ciphertext of `text` with PKCS#7 padding: a whole number of blocks, at least one. */
  encrypt(key: KeyHandle, iv: Uint8Array, text: Uint8Array): Awaitable<Buffer> {
    return this.cbc.encrypt(this.row, key, iv, text);
  }

  /** Returns the plaintext, or `undefined` if the padding is wrong. `ciphertext` must be one or more whole blocks, and its
   *  MAC must have been checked: for authentic bytes the padding is no oracle. */
  decrypt(key: KeyHandle, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer | undefined> {
    return andThen(this.cbc.decrypt(this.row, key, iv, ciphertext), (padded) =>
      unpad(padded, this.row.block),
    );
  }
}

/** Removes PKCS#7 padding: n times the byte n at the end, 1 ≤ n ≤ block (RFC 5652 §6.3). Returns `undefined` and wipes
 *  the bytes if there is no such padding. */
function unpad(padded: Buffer, block: number): Buffer | undefined {
  const end = padded.length - padded.at(-1)!;
  if (isPadding(padded, end, block)) return padded.subarray(0, end);
  padded.fill(0);
  return undefined;
}

function isPadding(bytes: Buffer, end: number, block: number): boolean {
  const count = bytes.length - end;
  if (!(count >= 1 && count <= block)) return false; // also if the driver returned no bytes: count is NaN then
  for (let i = end; i < bytes.length; i++) if (bytes[i] !== count) return false;
  return true;
}
