import type { Awaitable } from './awaitable.js';
import type { CbcCipher } from './cbc-ciphers.js';
import type { Suite } from './suites.js';

/** A key as its driver keeps it: a `KeyObject`, the handle of an object in a token, … Only its driver looks inside. */
export type KeyHandle = object;

/** The use of an imported key: `expand`, `seal` (which includes `open`), or raw `cbc`. */
export type KeyUse = 'expand' | 'seal' | 'cbc';

/** Does the cryptography. Every method may return its result or a promise of it; a promise must be Node's own.
 *
 *  The caller does not change its input before the result is there, and wipes it afterwards. Every result is a buffer of
 *  its own, which the caller may wipe. A driver that cannot reach its keys throws or rejects with a SessionDriverError;
 *  no session ends for that reason. So does one whose promise has not settled after nine tenths of
 *  `session.commitTimeout`. No error and no inspect output may show a key or a plaintext.
 *
 *  All subkeys come from `expand`, which works where the key lives. A key inside a token therefore never leaves it.
 *  `driverContract` of `nestjs-session-crypto/testing` tests all of this. */
export interface CryptoDriver {
  /** Name for messages; in our own drivers also the name in `crypto.driver`. */
  readonly name: string;
  /** The version of the library that does the work, for health reports. */
  readonly version?: string;
  /** `crypto.cipher` names of the suites that this driver can seal and open. */
  readonly ciphers: readonly string[];

  /** Returns a handle for 16 to 64 key bytes, for one use, or for every use if `use` is absent. */
  importKey(bytes: Uint8Array, use?: KeyUse): Awaitable<KeyHandle>;

  /** Returns a handle for a key that lives in a token. `reference` names it in the driver's own way.
   *
   *  Rejects with a SessionConfigError at `path`, the option that holds the reference, if there is no such key or if the
   *  key could leave the token. Absent if the driver has no token. */
  openKey?(reference: string, path: string): Awaitable<KeyHandle>;

  /** Returns a handle for the bytes that `expand` would return, for `expand` only. A driver has this method if it can
   *  lose an imported key with its session: it derives the subkey again from `key` whenever it needs to. If absent, the
   *  caller uses `expand` and `importKey`. */
  derive?(key: KeyHandle, info: Uint8Array, length: number): Awaitable<KeyHandle>;

  /** Reports whether an imported key was lost with the token's session, so that it must be imported again. If absent, the
   *  driver never loses keys. */
  isLost?(key: KeyHandle): boolean;

  /** HKDF-Expand with SHA-512 (RFC 5869 §2.3): returns `length` bytes, at most 255 × 64. Throws or rejects if more are
   *  requested. */
  expand(key: KeyHandle, info: Uint8Array, length: number): Awaitable<Buffer>;

  /** Returns ciphertext ‖ tag(16) under an AEAD (RFC 5116 §2.1). `nonce` has 12 bytes; the caller uses no nonce twice with
   *  one key. The tag covers `additionalData`, which may be empty: it holds the names that a value is bound to, so a driver
   *  that leaves it out would open a value anywhere. */
  seal(
    suite: Suite,
    key: KeyHandle,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array,
  ): Awaitable<Buffer>;

  /** Returns the plaintext, or `undefined` if the tag does not match (RFC 5116 §2.2). `sealed` has at least the 16 bytes
   *  of the tag. No byte of the plaintext may be returned before the tag has been checked. */
  open(
    suite: Suite,
    key: KeyHandle,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array,
  ): Awaitable<Buffer | undefined>;

  /** Raw CBC for the Apache format; absent if the driver does not have it. */
  readonly cbc?: CbcDriver;

  /** Releases everything that the driver holds. The caller makes no call afterwards. */
  close?(): Awaitable<void>;
}

/** Raw CBC, for `crypto.format: apache(…)` only. The caller checks a MAC before it decrypts, so that no error of this
 *  interface can serve as a padding oracle. */
export interface CbcDriver {
  /** `SessionCryptoCipher` names of the ciphers that the driver has. */
  readonly ciphers: readonly string[];
  /** Returns the ciphertext of the padded plaintext (PKCS#7, RFC 5652 §6.3): a whole number of blocks, at least one.
   *  `iv` has the length of a block. */
  encrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer>;
  /** Returns the plaintext with its padding, which the caller checks and removes. It is as long as `ciphertext`, which
   *  is a whole number of blocks, at least one. */
  decrypt(cipher: CbcCipher, key: KeyHandle, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer>;
}
