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

/** A data key that the token gives for an epoch: what it derives from a key that it keeps. */
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

/** The token is asked once an epoch for each data key; messages are sealed and opened by Node's OpenSSL. The key in the
 *  token never leaves it; a data key stands in memory until its epoch ends, and then only the token can give it again.
 *  Methods reject with a SessionDriverError when it has to be asked and is away. */
export class EpochDriver implements CryptoDriver {
  readonly name = 'pkcs11';
  private readonly openssl = new OpensslDriver();
  readonly ciphers = this.openssl.ciphers;
  readonly cbc = this.openssl.cbc;
  private readonly epoch: Epoch<DataKey>;

  /** `seconds` that an epoch lasts. */
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

  /** Drops the data keys; the token is asked again when they are needed. */
  endEpoch(): void {
    this.epoch.end();
  }

  close(): void {
    this.epoch.end();
    this.token.close();
  }

  /** Shows nothing of keys and session. */
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

/** A KeyObject of bytes, which are wiped. */
function keyOf(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
