import { CBC_CIPHERS, type CbcCipher } from '../../crypto/cbc-ciphers.js';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';

/** A name that httpd's `SessionCryptoCipher` accepts: `3des192`, `aes128`, `aes192` or `aes256`. */
export type ApacheCipherName = CbcCipher['name'];

/** A cipher of the Apache format, with a limit on the use of one key. */
export interface ApacheCipher extends CbcCipher {
  /** The number of blocks that one key may encrypt before the sealer draws a new salt. In CBC, two equal blocks of
   *  ciphertext reveal a relation between their plaintexts, so the limits are 2^20 blocks for 3DES (NIST SP 800-67
   *  Rev. 2) and 2^40 for AES. */
  readonly blocksPerKey: number;
}

/** The ciphers that httpd has, one row each. */
export const APACHE_CIPHERS: readonly ApacheCipher[] = CBC_CIPHERS.map((row) => ({
  ...row,
  blocksPerKey: row.block === 8 ? 2 ** 20 : 2 ** 40,
}));

/** Returns the row of a cipher, or a message that lists the known names. httpd itself notices an unknown name only at
 *  the first request. */
export function findCipher(name: unknown): ApacheCipher | string {
  const cipher = APACHE_CIPHERS.find((row) => row.name === name);
  if (cipher) return cipher;
  return `${printable(name)} is unknown; httpd has ${APACHE_CIPHERS.map((row) => row.name).join(', ')}`;
}

/** Quotes a name only if it looks like one: an operator may have put a secret into the wrong option. */
const printable = (name: unknown): string =>
  typeof name === 'string' && /^[\w-]{1,32}$/.test(name) ? `"${name}"` : 'the name';

/** Returns the reason why a driver cannot be used with the cipher `name`, or `undefined` if it can. `available` lists the
 *  ciphers of the Apache format that the driver has. */
export function missingCipherFault(
  { name: driver }: Pick<CryptoDriver, 'name'>,
  available: readonly string[],
  name: ApacheCipherName,
): string | undefined {
  if (available.includes(name)) return undefined;
  const unknown = `"${name}" is unknown to driver "${driver}"`;
  return available.length
    ? `${unknown}; it has ${available.join(', ')}`
    : `${unknown}, which has no cipher of the Apache format; use crypto.driver "openssl" or another driver that has one`;
}
