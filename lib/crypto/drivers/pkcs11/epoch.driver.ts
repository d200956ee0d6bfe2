import { createSecretKey, KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { andThen, type Awaitable } from '../../awaitable.js';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import type { Suite } from '../../suites.js';
import { OpensslDriver } from '../openssl/openssl.driver.js';
import { Epoch } from './epoch.js';
import { HiddenKey } from './hidden-key.js';
import type { Pkcs11Driver } from './pkcs11.driver.js';
import { FoundKey } from './token-keys.js';

/** The handle of a data key: a subkey that the token derives from a key that it keeps. The handle holds no bytes; it says
 *  how the token can derive them. */
class DataKey extends HiddenKey {
  constructor(
    readonly parent: FoundKey,
    readonly info: Uint8Array,
    readonly length: number,
  ) {
    super();
  }
}

type EpochKey = FoundKey | DataKey | KeyObject;

/** A driver for slow tokens. The token derives each data key once per epoch, and Node's OpenSSL seals and opens messages
 *  with it. The key in the token never leaves the token. A data key is in memory until its epoch ends; afterwards only the
 *  token can derive it again.
 *
 *  A method rejects with a SessionDriverError if it needs the token and the token is away. */
export class EpochDriver implements CryptoDriver {
  readonly name = 'pkcs11';
  private readonly openssl = new OpensslDriver();
  readonly ciphers = this.openssl.ciphers;
  readonly cbc = this.openssl.cbc;
  private readonly epoch: Epoch<DataKey>;

  /** `seconds` is the length of an epoch. */
  constructor(
    private readonly token: Pkcs11Driver,
    seconds: number,
  ) {
    this.epoch = new Epoch(seconds);
  }

  importKey(bytes: Uint8Array): KeyObject {
    return this.openssl.importKey(bytes);
  }

  openKey(reference: string, path: string): Awaitable<FoundKey> {
    return this.token.openKey(reference, path);
  }

  /** Returns a {@link DataKey} for a key of the token, and asks the token nothing yet. A key from outside is derived at
   *  once. */
  derive(key: EpochKey, info: Uint8Array, length: number): Awaitable<EpochKey> {
    if (key instanceof FoundKey) return new DataKey(key, Uint8Array.from(info), length);
    return andThen(this.expand(key, info, length), keyOf);
  }

  expand(key: EpochKey, info: Uint8Array, length: number): Awaitable<Buffer> {
    if (key instanceof FoundKey) return this.token.expand(key, info, length);
    if (key instanceof KeyObject) return this.openssl.expand(key, info, length);
    return andThen(this.dataKey(key), (data) => this.openssl.expand(data, info, length));
  }

  seal(suite: Suite, key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
    return this.openssl.seal(suite, key, nonce, plaintext);
  }

  open(suite: Suite, key: KeyObject, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
    return this.openssl.open(suite, key, nonce, sealed);
  }

  generateKey(label: string): Awaitable<string> {
    return this.token.generateKey(label);
  }

  /** Drops all data keys. The next message asks the token again. */
  endEpoch(): void {
    this.epoch.end();
  }

  close(): void {
    this.epoch.end();
    this.token.close();
  }

  /** Keeps keys and session out of `JSON.stringify`. */
  toJSON(): object {
    return { name: this.name, ciphers: this.ciphers };
  }

  [inspect.custom](): string {
    return `EpochDriver { ciphers: ${this.ciphers.join(', ')} }`;
  }

  private dataKey(key: DataKey): Awaitable<KeyObject> {
    const held = this.epoch.get(key);
    if (held) return held;
    return andThen(this.token.expand(key.parent, key.info, key.length), (bytes) =>
      this.epoch.hold(key, keyOf(bytes)),
    );
  }
}

/** Returns a KeyObject for the bytes, and wipes them. */
function keyOf(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
