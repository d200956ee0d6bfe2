import type { KeyHandle } from '../../crypto-driver.interface.js';
import type { Pointer } from './nss-library.js';

/** A key outside NSS, encrypted under a key that only NSS has. */
export interface WrappedKey {
  /** The vault that made the handle. No other vault can decrypt the key. */
  readonly vault: object;
  /** The key, filled up to whole blocks and encrypted. */
  readonly sealed: Buffer;
  /** Bytes of the key. */
  readonly length: number;
  /** The PK11SymKey that stays in NSS as long as the handle lives; only a key for `expand` has one. */
  resident?: Pointer;
}

/** The driver's key handle. Its private field keeps the key out of `util.inspect` and `JSON.stringify`. */
export class NssKey {
  readonly #wrapped: WrappedKey;

  constructor(wrapped: WrappedKey) {
    this.#wrapped = wrapped;
  }

  /** Returns the key behind a handle. Throws a TypeError for an object that is not a handle of this vault. */
  static wrappedKey(handle: KeyHandle, vault: object): WrappedKey {
    const key = #wrapped in handle ? handle.#wrapped : undefined;
    if (key?.vault !== vault) throw new TypeError('the key does not belong to this driver "nss"');
    return key;
  }
}
