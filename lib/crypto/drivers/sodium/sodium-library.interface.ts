/** What a build of libsodium does for the driver. All of it is synchronous, on lengths that the driver has checked. */
export interface SodiumLibrary {
  /** HKDF-Expand with SHA-512 (RFC 5869 §2.3). `key` has 16 to 64 bytes, `length` is at most 255 × 64. */
  expand(key: Uint8Array, info: Uint8Array, length: number): Buffer;
  /** ciphertext ‖ tag(16) of ChaCha20-Poly1305 with a nonce of 12 bytes (RFC 8439 §2.8). */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer;
  /** The plaintext, or `undefined` when the tag does not fit; `sealed` has at least 16 bytes. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined;
}
