import { createSecretKey, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import { andThen, type Awaitable } from '../../awaitable.js';
import type { CryptoDriver, KeyUse } from '../../crypto-driver.interface.js';
import { NONCE_LENGTH, SUITES, TAG_LENGTH, type Suite } from '../../suites.js';
import { CKF_RW_SESSION, CKM } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { expandIn } from './expand.js';
import { generateKey } from './generate-key.js';
import type { MacKey } from './mac-key.interface.js';
import { aeadMechanism, SUITE_ROWS, usesOf } from './mechanisms.js';
import { requireLength } from './require-length.js';
import { ParamFault } from './param.fault.js';
import { Pkcs11Cbc } from './pkcs11-cbc.js';
import { ImportedKey, SessionObjects } from './session-objects.js';
import type { TokenConnection } from './token-connection.js';
import { DerivedKey, FoundKey, ExternalKey } from './token-keys.js';
import { TokenSession } from './token-session.js';

/** Does all cryptography inside a PKCS#11 token. A key that was made in the token never leaves it. An imported key becomes
 *  an object of the token session, which cannot be read out.
 *
 *  Calls are synchronous while the session with the token lives. If the session was lost, the call returns a promise and
 *  runs in a new session. While the token is away, calls reject with a SessionDriverError. */
export class Pkcs11Driver implements CryptoDriver {
  readonly name = 'pkcs11';
  readonly ciphers: readonly string[];
  readonly cbc: Pkcs11Cbc;
  private readonly objects: SessionObjects;

  /** `mechanisms` are those of the token (CKM_…). They decide which ciphers the driver has. */
  constructor(
    private readonly connection: TokenConnection,
    mechanisms: ReadonlySet<number>,
  ) {
    const has = ({ cipher }: Suite) => mechanisms.has(SUITE_ROWS.get(cipher)!.mechanism);
    this.ciphers = SUITES.filter(has).map(({ cipher }) => cipher);
    this.cbc = new Pkcs11Cbc(connection, mechanisms);
    this.objects = new SessionObjects(usesOf(mechanisms), () => connection.current);
  }

  importKey(bytes: Uint8Array, use?: KeyUse): Awaitable<ImportedKey> {
    return this.connection.run('importKey', (session) => this.objects.import(session, bytes, use));
  }

  /** Looks the key up at once, so that a wrong reference stops the start. */
  openKey(reference: string, path: string): Awaitable<FoundKey> {
    return this.runOrFault('openKey', path, (session) => {
      const key = new FoundKey(reference);
      key.mac(session);
      return key;
    });
  }

  /** Returns a handle that can be made again in every session: a key in the token derives it again, and a subkey of an
   *  imported key is kept outside the token too. */
  derive(key: MacKey, info: Uint8Array, length: number): Awaitable<MacKey> {
    const own = Uint8Array.from(info);
    if (!(key instanceof ImportedKey)) return new DerivedKey(key, own, length);
    return andThen(this.expand(key, own, length), (bytes) => {
      const outside = new ExternalKey(createSecretKey(bytes));
      bytes.fill(0);
      return outside;
    });
  }

  isLost(key: object): boolean {
    return key instanceof ImportedKey && key.isLost;
  }

  expand(key: MacKey, info: Uint8Array, length: number): Awaitable<Buffer> {
    return this.connection.run('expand', (session) => expandIn(session, key.mac(session), info, length));
  }

  /** The length of the token's result is checked: a token may return a shorter tag than it was asked for. */
  seal(suite: Suite, key: ImportedKey, nonce: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer> {
    return this.connection.run('seal', (session) => {
      const object = key.object(session, SUITE_ROWS.get(suite.cipher)!.use);
      const sealed = session.encrypt(aeadMechanism(session.cryptoki, suite, nonce), object, plaintext);
      return requireLength('seal', sealed, plaintext.length + TAG_LENGTH);
    });
  }

  /** Preparing the operation comes before the untrusted bytes, so that an error of that step is the token's and never counts
   *  as a wrong tag. */
  open(suite: Suite, key: ImportedKey, nonce: Uint8Array, sealed: Uint8Array): Awaitable<Buffer | undefined> {
    if (sealed.length < TAG_LENGTH) return undefined;
    return this.connection.run('open', (session) => {
      const object = key.object(session, SUITE_ROWS.get(suite.cipher)!.use);
      session.beginDecrypt(aeadMechanism(session.cryptoki, suite, nonce), object);
      const plaintext = decryptOrReject(session, sealed, () => assertUsable(session, suite, object));
      return plaintext && requireLength('open', plaintext, sealed.length - TAG_LENGTH);
    });
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
    this.objects.clear();
    this.connection.close();
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

  /** Keeps keys and session out of `JSON.stringify`. */
  toJSON(): object {
    return { name: this.name, ciphers: this.ciphers };
  }

  [inspect.custom](): string {
    return `Pkcs11Driver { ciphers: ${this.ciphers.join(', ')} }`;
  }
}

/** The mechanism that all keys are derived with. A token without it cannot be used. */
export const REQUIRED_MECHANISM = CKM.SHA512_HMAC;

function faultOr<T>(act: () => T): T | ParamFault {
  try {
    return act();
  } catch (error) {
    if (error instanceof ParamFault) return error;
    throw error;
  }
}

/** Decrypts, or returns `undefined` if the tag does not match. Throws a CryptokiError if the token failed.
 *
 *  Tokens return different codes for a wrong tag, and some return the same codes when they are in trouble. A session must
 *  not end for that. So after an unclear error `assertUsable` asks the token to work with the same key: if that succeeds,
 *  the bytes were to blame. */
function decryptOrReject(
  session: TokenSession,
  sealed: Uint8Array,
  assertUsable: () => void,
): Buffer | undefined {
  try {
    return session.decrypt(sealed);
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.isLost || error.isTokenFailure) throw error;
    assertUsable();
    return undefined;
  }
}

/** Throws a CryptokiError unless the token can seal with the key. It seals an empty text under a random nonce, since no
 *  nonce may be used twice (NIST SP 800-38D §8). */
function assertUsable(session: TokenSession, suite: Suite, key: bigint): void {
  session.encrypt(aeadMechanism(session.cryptoki, suite, randomBytes(NONCE_LENGTH)), key, NOTHING);
}

const NOTHING = Buffer.alloc(0);
