import { CBC_CIPHERS, type CbcCipher } from '../../crypto/cbc-ciphers.js';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';

/** A name in `SessionCryptoCipher`. */
export type ApacheCipherName = CbcCipher['name'];

/** A cipher, and how long one of its keys is used. */
export interface ApacheCipher extends CbcCipher {
  /** Blocks under one key before the writer takes another salt. CBC shows relations of plaintexts once two blocks of
   *  ciphertext are equal: 2^20 blocks for 3DES (NIST SP 800-67 Rev. 2), 2^40 for AES. */
  readonly blocksPerKey: number;
}

export const APACHE_CIPHERS: readonly ApacheCipher[] = CBC_CIPHERS.map((row) => ({
  ...row,
  blocksPerKey: row.block === 8 ? 2 ** 20 : 2 ** 40,
}));

/** The row of a name, or what is wrong with it: httpd would find out at the first request only. */
export function apacheCipher(name: unknown): ApacheCipher | string {
  const cipher = APACHE_CIPHERS.find((row) => row.name === name);
  if (cipher) return cipher;
  return `${shown(name)} is unknown; httpd has ${APACHE_CIPHERS.map((row) => row.name).join(', ')}`;
}

const shown = (name: unknown): string =>
  typeof name === 'string' && /^[\w-]{1,32}$/.test(name) ? `"${name}"` : 'the name';

/** Why a driver cannot be used with a cipher, or `undefined`. `there`: the ciphers of the Apache format that it has. */
export function missingCipher(
  { name: driver }: Pick<CryptoDriver, 'name'>,
  there: readonly string[],
  name: ApacheCipherName,
): string | undefined {
  if (there.includes(name)) return undefined;
  return there.length
    ? `"${name}" is unknown to driver "${driver}"; it has ${there.join(', ')}`
    : `"${name}" is unknown to driver "${driver}", which has no cipher of the Apache format; take crypto.driver "openssl" or another that has`;
}
