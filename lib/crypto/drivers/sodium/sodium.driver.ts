import { createSecretKey, type KeyObject } from 'node:crypto';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import { NO_DATA, NONCE_LENGTH, TAG_LENGTH, type Suite } from '../../suites.js';
import type { SodiumLibrary } from './sodium-library.interface.js';

const MAX_OUTPUT = 255 * 64;

/** ChaCha20-Poly1305 through libsodium. Synchronous. libsodium takes keys as bytes and has no handles. Keys are therefore
 *  kept as KeyObjects, which OpenSSL wipes when they are collected. Each call copies the bytes out and wipes the copy. */
export class SodiumDriver implements CryptoDriver {
  readonly name = 'sodium';
  readonly ciphers = ['chacha20'];
  readonly #library: SodiumLibrary;

  constructor(library: SodiumLibrary) {
    this.#library = library;
  }

  importKey(bytes: Uint8Array): KeyObject {
    if (bytes.length < 16 || bytes.length > 64)
      throw new RangeError(`the key has ${bytes.length} bytes; 16 to 64 are allowed`);
    return createSecretKey(bytes);
  }

  expand(key: KeyObject, info: Uint8Array, length: number): Buffer {
    if (length > MAX_OUTPUT)
      throw new RangeError(`${length} bytes were requested; at most ${MAX_OUTPUT} can be expanded`);
    const bytes = key.export();
    try {
      return this.#library.expand(bytes, info, length);
    } finally {
      bytes.fill(0);
    }
  }

  seal(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer {
    const bytes = key.export();
    try {
      checkSizes(suite, bytes, nonce);
      return this.#library.seal(bytes, nonce, plaintext, additionalData);
    } finally {
      bytes.fill(0);
    }
  }

  open(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer | undefined {
    if (sealed.length < TAG_LENGTH) return undefined;
    const bytes = key.export();
    try {
      checkSizes(suite, bytes, nonce);
      return this.#library.open(bytes, nonce, sealed, additionalData);
    } finally {
      bytes.fill(0);
    }
  }
}

/** Throws a RangeError if key or nonce has the wrong length. The WebAssembly build would read on beyond a short one. */
function checkSizes({ cipher, keyLength }: Suite, key: Uint8Array, nonce: Uint8Array): void {
  if (cipher !== 'chacha20') throw new RangeError(`driver "sodium" has no ${cipher}`);
  if (key.length !== keyLength || nonce.length !== NONCE_LENGTH)
    throw new RangeError(`chacha20 needs a key of ${keyLength} bytes and a nonce of ${NONCE_LENGTH}`);
}
