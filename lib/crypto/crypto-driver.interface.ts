import type { Awaitable } from './awaitable.js';
import type { CbcCipher } from './cbc-ciphers.js';
import type { Suite } from './suites.js';

/** A key where the driver keeps it: a `KeyObject`, a token's handle, … Opaque to everybody else. */
export type KeyHandle = object;

/** What an imported key will be used for: `expand`, `seal` and `open`, or raw `cbc`. */
export type KeyUse = 'expand' | 'seal' | 'cbc';

/** Does the cryptography. Every method may answer plainly or by promise.
 *
 *  `expand` works where the key lives, so that a key inside a token never leaves it: all subkeys come from it. */
export interface CryptoDriver {
  /** Name in `crypto.driver`. */
  readonly name: string;
  /** Cipher names of the suites that this driver can seal and open. */
  readonly ciphers: readonly string[];

  /** A handle for 16 to 64 key bytes, for one use, or for every use where none is named. The caller wipes `bytes`
   *  afterwards. */
  importKey(bytes: Uint8Array, use?: KeyUse): Awaitable<KeyHandle>;

  /** A handle for a key that lives in a token, named by the driver's own reference. Rejects with a SessionConfigError
   *  at `path`, the option that names it, when there is no such key or when it could leave the token. */
  openKey?(reference: string, path: string): Awaitable<KeyHandle>;

  /** A handle, for `expand` only, of what `expand` gives: for drivers that can lose a key and make it again so. Absent:
   *  `expand` and `importKey` do. */
  derive?(key: KeyHandle, info: Uint8Array, length: number): Awaitable<KeyHandle>;

  /** Whether an imported key is gone, with the session of a token that held it: it has to be imported again. Absent:
   *  never. */
  isLost?(key: KeyHandle): boolean;

  /** HKDF-Expand with SHA-512 (RFC 5869 §2.3): `length` bytes, at most 255 × 64. Throws or rejects where more is asked. */
  expand(key: KeyHandle, info: Uint8Array, length: number): Awaitable<Buffer>;

  /** ciphertext ‖ tag(16), AAD empty (RFC 5116 §2.1). `nonce` has 12 bytes and is never used twice with one key. */
  seal(suite: Suite, key: KeyHandle, nonce: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer>;

  /** The plaintext, or `undefined` when the tag does not fit; `sealed` has at least 16 bytes (RFC 5116 §2.2). */
  open(suite: Suite, key: KeyHandle, nonce: Uint8Array, sealed: Uint8Array): Awaitable<Buffer | undefined>;

  /** The ciphers of the Apache format, for drivers that have them. */
  readonly cbc?: CbcDriver;

  /** Gives back what the driver holds, once nothing uses it any more. */
  close?(): Awaitable<void>;
}

/** Raw CBC, for `crypto.format: apache(…)` only: whoever calls it has checked a MAC before. */
export interface CbcDriver {
  /** Names of the ciphers that there are. */
  readonly ciphers: readonly string[];
  /** The ciphertext with PKCS#7 padding: a whole number of blocks. `iv` has the bytes of a block. */
  encrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer>;
  /** The plaintext with its padding still on: as long as `ciphertext`, which is one whole block or more. */
  decrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer>;
}
