/** One row a suite: everything that code needs to know of it. */
export interface Suite {
  /** First byte of the envelope. */
  readonly version: number;
  /** Name in `crypto.cipher`. */
  readonly cipher: string;
  /** Name in the derivation label, from RFC 5116 §5 and RFC 8439 §2.8. */
  readonly aead: string;
  /** Name that OpenSSL knows. */
  readonly openssl: 'aes-256-gcm' | 'aes-128-gcm' | 'chacha20-poly1305';
  /** Which subkey of a secret the message keys come from, and its bytes. */
  readonly subkey: 'seal' | 'seal-aes128';
  readonly keyLength: 16 | 32;
}

export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;
export const COMMITMENT_LENGTH = 32;

export const SUITES: readonly Suite[] = [
  {
    version: 0x01,
    cipher: 'aes256',
    aead: 'AEAD_AES_256_GCM',
    openssl: 'aes-256-gcm',
    subkey: 'seal',
    keyLength: 32,
  },
  {
    version: 0x02,
    cipher: 'chacha20',
    aead: 'AEAD_CHACHA20_POLY1305',
    openssl: 'chacha20-poly1305',
    subkey: 'seal',
    keyLength: 32,
  },
  {
    version: 0x03,
    cipher: 'aes128',
    aead: 'AEAD_AES_128_GCM',
    openssl: 'aes-128-gcm',
    subkey: 'seal-aes128',
    keyLength: 16,
  },
];

export const suiteByVersion: ReadonlyMap<number, Suite> = new Map(
  SUITES.map((suite) => [suite.version, suite]),
);
export const suiteByCipher: ReadonlyMap<string, Suite> = new Map(
  SUITES.map((suite) => [suite.cipher, suite]),
);
