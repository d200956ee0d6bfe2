import { createCipheriv, createDecipheriv, getCipherInfo, type KeyObject } from 'node:crypto';

/** A name in `SessionCryptoCipher`. */
export type ApacheCipherName = '3des192' | 'aes128' | 'aes192' | 'aes256';

/** One row a cipher, CBC all: everything that code needs to know of it. */
export interface ApacheCipher {
  readonly name: ApacheCipherName;
  /** Name that OpenSSL knows. */
  readonly openssl: 'des-ede3-cbc' | 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc';
  readonly keyLength: 16 | 24 | 32;
  /** Bytes of a block, and so of the IV. */
  readonly block: 8 | 16;
  /** Blocks under one key before the writer takes another salt. CBC shows relations of plaintexts once two blocks of
   *  ciphertext are equal: 2^20 blocks for 3DES (NIST SP 800-67 Rev. 2), 2^40 for AES. */
  readonly blocksPerKey: number;
}

const AES = { block: 16, blocksPerKey: 2 ** 40 } as const;

export const APACHE_CIPHERS: readonly ApacheCipher[] = [
  { name: '3des192', openssl: 'des-ede3-cbc', keyLength: 24, block: 8, blocksPerKey: 2 ** 20 },
  { name: 'aes128', openssl: 'aes-128-cbc', keyLength: 16, ...AES },
  { name: 'aes192', openssl: 'aes-192-cbc', keyLength: 24, ...AES },
  { name: 'aes256', openssl: 'aes-256-cbc', keyLength: 32, ...AES },
];

/** The row of a name, or what is wrong with it: httpd would find out at the first request only. */
export function apacheCipher(name: unknown): ApacheCipher | string {
  const cipher = APACHE_CIPHERS.find((row) => row.name === name);
  if (!cipher)
    return `${shown(name)} is unknown; httpd has ${APACHE_CIPHERS.map((row) => row.name).join(', ')}`;
  if (!getCipherInfo(cipher.openssl))
    return `"${cipher.name}" is not in this Node's OpenSSL; take an aes cipher`;
  return cipher;
}

const shown = (name: unknown): string =>
  typeof name === 'string' && /^[\w-]{1,32}$/.test(name) ? `"${name}"` : 'the name';

/** The ciphertext with PKCS#7 padding, a whole number of blocks. */
export function encryptCbc(cipher: ApacheCipher, key: KeyObject, iv: Uint8Array, text: Uint8Array): Buffer {
  const encryption = createCipheriv(cipher.openssl, key, iv);
  const blocks = encryption.update(text);
  return blocks.length ? Buffer.concat([blocks, encryption.final()]) : encryption.final();
}

/** The plaintext, or `undefined` when the padding is wrong. `ciphertext` is one block or more, all of them whole, and
 *  was authentic: what padding says is no oracle then.
 *
 *  The padding is taken off here, which spares `final()` and a copy. */
export function decryptCbc(
  cipher: ApacheCipher,
  key: KeyObject,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Buffer | undefined {
  const padded = createDecipheriv(cipher.openssl, key, iv).setAutoPadding(false).update(ciphertext);
  const end = padded.length - padded.at(-1)!;
  if (isPadding(padded, end, cipher.block)) return padded.subarray(0, end);
  padded.fill(0);
  return undefined;
}

/** Whether the bytes from `end` on are n times the byte n, 1 ≤ n ≤ block (RFC 5652 §6.3). */
function isPadding(bytes: Buffer, end: number, block: number): boolean {
  const count = bytes.length - end;
  if (count < 1 || count > block) return false;
  for (let i = end; i < bytes.length; i++) if (bytes[i] !== count) return false;
  return true;
}
