import type { KeyHandle } from '../../crypto-driver.interface.js';
import type { Pointer } from './nss-library.js';

/** A key as it waits outside of NSS, sealed by a key that only NSS has. */
export interface WaitingKey {
  /** Whose it is: nobody else can lay it in NSS. */
  readonly vault: object;
  /** Its bytes, filled up to whole blocks, under the vault's key. */
  readonly sealed: Buffer;
  /** Bytes of the key. */
  readonly length: number;
  /** The PK11SymKey that stays in NSS as long as the handle lives, if there is one. */
  resident?: Pointer;
}

/** The driver's handle. It shows nothing in `util.inspect` and `JSON.stringify`. */
export class NssKey {
  readonly #waiting: WaitingKey;

  constructor(waiting: WaitingKey) {
    this.#waiting = waiting;
  }

  /** What a handle of this vault stands for; a TypeError for any other object. */
  static waiting(handle: KeyHandle, vault: object): WaitingKey {
    const key = #waiting in handle ? handle.#waiting : undefined;
    if (key?.vault !== vault) throw new TypeError('the key is none of this driver "nss"');
    return key;
  }
}
