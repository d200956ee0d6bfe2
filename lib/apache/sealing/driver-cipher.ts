import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import type { CbcDriver, CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheCipher } from './apache-cipher.js';
import type { ApacheKey } from './apache-key.js';

/** One cipher of the Apache format in the hands of a driver. Plain OpenSSL answers on the same tick. */
export class DriverCipher {
  private readonly cbc: CbcDriver;

  /** The driver is one that has the cipher. */
  constructor(
    private readonly driver: CryptoDriver,
    readonly row: ApacheCipher,
  ) {
    this.cbc = driver.cbc!;
  }

  /** The key of a salt, where the driver keeps it; its bytes are wiped. */
  async derive(from: ApacheKey, salt: Uint8Array): Promise<KeyHandle> {
    const bytes = await from.derive(salt, this.row.keyLength);
    try {
      return await this.driver.importKey(bytes, 'cbc');
    } finally {
      bytes.fill(0);
    }
  }

  /** Whether a key has gone with the token that held it, and has to be derived again. */
  isLost(key: KeyHandle): boolean {
    return this.driver.isLost?.(key) ?? false;
  }

  /** The ciphertext with PKCS#7 padding, a whole number of blocks. */
  encrypt(key: KeyHandle, iv: Uint8Array, text: Uint8Array): Awaitable<Buffer> {
    return this.cbc.encrypt(this.row, key, iv, text);
  }

  /** The plaintext, or `undefined` when the padding is wrong. `ciphertext` is one block or more, all of them whole, and
   *  was authentic: what padding says is no oracle then. */
  decrypt(key: KeyHandle, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer | undefined> {
    return andThen(this.cbc.decrypt(this.row, key, iv, ciphertext), (padded) =>
      unpad(padded, this.row.block),
    );
  }
}

/** What stands before n times the byte n, 1 ≤ n ≤ block (RFC 5652 §6.3); without that the bytes are wiped. */
function unpad(padded: Buffer, block: number): Buffer | undefined {
  const end = padded.length - padded.at(-1)!;
  if (isPadding(padded, end, block)) return padded.subarray(0, end);
  padded.fill(0);
  return undefined;
}

function isPadding(bytes: Buffer, end: number, block: number): boolean {
  const count = bytes.length - end;
  if (!(count >= 1 && count <= block)) return false; // also where the driver answered no byte at all
  for (let i = end; i < bytes.length; i++) if (bytes[i] !== count) return false;
  return true;
}
