/** A cipher of mod_session_crypto: CBC with PKCS#7 padding (RFC 5652 §6.3). CBC has no tag; the Apache format checks a MAC
 *  of its own before it decrypts. */
export interface CbcCipher {
  /** Name in httpd's directive `SessionCryptoCipher`. */
  readonly name: '3des192' | 'aes128' | 'aes192' | 'aes256';
  /** Name in OpenSSL. */
  readonly openssl: 'des-ede3-cbc' | 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc';
  /** Bytes of the key. 3DES has three keys of 8 bytes, parity bits included. */
  readonly keyLength: 16 | 24 | 32;
  /** Bytes of a block and of the IV. */
  readonly block: 8 | 16;
}

/** Every cipher that httpd's own drivers know. aes192 and 3des192 exist in the Apache format only. */
export const CBC_CIPHERS: readonly CbcCipher[] = [
  { name: '3des192', openssl: 'des-ede3-cbc', keyLength: 24, block: 8 },
  { name: 'aes128', openssl: 'aes-128-cbc', keyLength: 16, block: 16 },
  { name: 'aes192', openssl: 'aes-192-cbc', keyLength: 24, block: 16 },
  { name: 'aes256', openssl: 'aes-256-cbc', keyLength: 32, block: 16 },
];
