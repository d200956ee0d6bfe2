/** One AEAD suite of the native format. A suite is one row of {@link SUITES}; code reads the row and has no branches for
 *  single suites. */
export interface Suite {
  /** First byte of the envelope. */
  readonly version: number;
  /** Name in `crypto.cipher`. */
  readonly cipher: string;
  /** Name in the derivation label: that of the IANA AEAD registry (RFC 5116 §5, RFC 8439 §2.8). */
  readonly aead: string;
  /** Name in OpenSSL. */
  readonly openssl: 'aes-256-gcm' | 'aes-128-gcm' | 'chacha20-poly1305';
  /** The subkey of a secret that epoch keys are derived from. Its length is {@link keyLength}. */
  readonly subkey: 'seal' | 'seal-aes128';
  /** Bytes of an epoch key. */
  readonly keyLength: 16 | 32;
}

/** Additional data of a value that is bound to nothing. */
export const NO_DATA: Uint8Array = new Uint8Array(0);
/** Bytes of a nonce in every suite (RFC 5116 §5.1, RFC 8439 §2.8). */
export const NONCE_LENGTH = 12;
/** Bytes of a tag in every suite. Shorter tags are never accepted. */
export const TAG_LENGTH = 16;
/** Bytes of the key commitment in an envelope. Finding two keys with one commitment takes about 2^128 steps. */
export const COMMITMENT_LENGTH = 32;

/** All suites. The bytes 0x40 to 0x7F are reserved for third-party drivers, and 0x81 is the reference token. */
export const SUITES: readonly Suite[] = [
  {
    version: 0x11,
    cipher: 'aes256',
    aead: 'AEAD_AES_256_GCM',
    openssl: 'aes-256-gcm',
    subkey: 'seal',
    keyLength: 32,
  },
  {
    version: 0x12,
    cipher: 'chacha20',
    aead: 'AEAD_CHACHA20_POLY1305',
    openssl: 'chacha20-poly1305',
    subkey: 'seal',
    keyLength: 32,
  },
  {
    version: 0x13,
    cipher: 'aes128',
    aead: 'AEAD_AES_128_GCM',
    openssl: 'aes-128-gcm',
    subkey: 'seal-aes128',
    keyLength: 16,
  },
];

/** The suites by the first byte of an envelope. */
export const suiteByVersion: ReadonlyMap<number, Suite> = new Map(
  SUITES.map((suite) => [suite.version, suite]),
);
/** The suites by their names in `crypto.cipher`. */
export const suiteByCipher: ReadonlyMap<string, Suite> = new Map(
  SUITES.map((suite) => [suite.cipher, suite]),
);
