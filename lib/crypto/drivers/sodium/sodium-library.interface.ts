/** One build of libsodium. All methods are synchronous and trust the lengths: the driver has checked them. */
export interface SodiumLibrary {
  /** HKDF-Expand with SHA-512 (RFC 5869 §2.3). `key` has 16 to 64 bytes; `length` is at most 255 × 64. */
  expand(key: Uint8Array, info: Uint8Array, length: number): Buffer;
  /** Returns ciphertext ‖ tag(16) of ChaCha20-Poly1305 with a nonce of 12 bytes (RFC 8439 §2.8). The tag covers `data`, which
   *  may be empty. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, data: Uint8Array): Buffer;
  /** Returns the plaintext, or `undefined` if the tag does not match. `sealed` has at least 16 bytes. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, data: Uint8Array): Buffer | undefined;
}
