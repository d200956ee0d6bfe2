import { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import { andThen, type Awaitable } from '../../awaitable.js';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import type { Suite } from '../../suites.js';
import { OpensslDriver } from '../openssl/openssl.driver.js';
import { CKF_RW_SESSION } from './constants.js';
import { DataKey } from './data-key.js';
import { expandIn } from './expand.js';
import { generateKey } from './generate-key.js';
import { ParamFault } from './param.fault.js';
import type { TokenConnection } from './token-connection.js';
import { FoundKey } from './token-keys.js';
import { TokenSession } from './token-session.js';

type AnyKey = FoundKey | DataKey | KeyObject;

/** Keys that a PKCS#11 token keeps. The token derives the key of each epoch, and Node's OpenSSL seals and opens the messages
 *  of the epoch with it. The key in the token never leaves it, and no subkey that could derive another epoch stays outside.
 *
 *  Calls are synchronous while the session with the token lives. If the session was lost, a call that needs the token returns
 *  a promise and runs in a new session. While the token is away, such calls reject with a SessionDriverError. */
export class Pkcs11Driver implements CryptoDriver {
  readonly name = 'pkcs11';
  private readonly openssl = new OpensslDriver();
  readonly ciphers = this.openssl.ciphers;
  readonly cbc = this.openssl.cbc;

  constructor(private readonly connection: TokenConnection) {}

  importKey(bytes: Uint8Array): KeyObject {
    return this.openssl.importKey(bytes);
  }

  /** Looks the key up at once, so that a wrong reference stops the start. */
  openKey(reference: string, path: string): Awaitable<FoundKey> {
    return this.runOrFault('openKey', path, (session) => {
      const key = new FoundKey(reference);
      key.mac(session);
      return key;
    });
  }

  /** Returns a {@link DataKey} for a key of the token, and asks the token nothing yet. A subkey of a key from outside is
   *  derived at once. */
  derive(key: AnyKey, info: Uint8Array, length: number): Awaitable<AnyKey> {
    if (key instanceof FoundKey) return new DataKey(key, Uint8Array.from(info), length);
    return andThen(this.expand(key, info, length), (bytes) => this.importAndWipe(bytes));
  }

  /** A data key is derived by one HMAC of the token, used once by OpenSSL, and dropped. Its memory is wiped when OpenSSL's
   *  handle of it is collected. */
  expand(key: AnyKey, info: Uint8Array, length: number): Awaitable<Buffer> {
    if (key instanceof KeyObject) return this.openssl.expand(key, info, length);
    if (key instanceof FoundKey) return this.expandInToken(key, info, length);
    return andThen(this.expandInToken(key.parent, key.info, key.length), (bytes) =>
      this.openssl.expand(this.importAndWipe(bytes), info, length),
    );
  }

  seal(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData?: Uint8Array,
  ): Buffer {
    return this.openssl.seal(suite, key, nonce, plaintext, additionalData);
  }

  open(
    suite: Suite,
    key: KeyObject,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData?: Uint8Array,
  ): Buffer | undefined {
    return this.openssl.open(suite, key, nonce, sealed, additionalData);
  }

  /** Generates a key of 64 random bytes inside the token, which cannot be read out. Returns its reference for
   *  `crypto.secrets`. Throws or rejects with a SessionConfigError at `label` if a key already has that label. */
  generateKey(label: string): Awaitable<string> {
    return this.runOrFault('generateKey', 'label', ({ cryptoki, slot }) => {
      const writing = TokenSession.open(cryptoki, slot, CKF_RW_SESSION);
      try {
        return generateKey(writing, label);
      } finally {
        writing.close();
      }
    });
  }

  close(): void {
    this.connection.close();
  }

  /** Keeps keys and session out of `JSON.stringify`. */
  toJSON(): object {
    return { name: this.name, ciphers: this.ciphers };
  }

  [inspect.custom](): string {
    return `Pkcs11Driver { ciphers: ${this.ciphers.join(', ')} }`;
  }

  private expandInToken(key: FoundKey, info: Uint8Array, length: number): Awaitable<Buffer> {
    return this.connection.run('expand', (session) => expandIn(session, key.mac(session), info, length));
  }

  private importAndWipe(bytes: Buffer): KeyObject {
    const key = this.openssl.importKey(bytes);
    bytes.fill(0);
    return key;
  }

  /** Returns the result of `act`. A ParamFault becomes a SessionConfigError at `path`, also if `act` ran in a new session:
   *  {@link TokenConnection.run} would turn it into a SessionDriverError, so it passes through as a value. */
  private runOrFault<T>(operation: string, path: string, act: (session: TokenSession) => T): Awaitable<T> {
    const found = this.connection.run(operation, (session) => faultOr(() => act(session)));
    return andThen(found, (value) => {
      if (value instanceof ParamFault) throw new SessionConfigError([{ path, message: value.message }]);
      return value;
    });
  }
}

function faultOr<T>(act: () => T): T | ParamFault {
  try {
    return act();
  } catch (error) {
    if (error instanceof ParamFault) return error;
    throw error;
  }
}
