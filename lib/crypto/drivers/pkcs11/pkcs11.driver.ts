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
import { ofLength } from './of-length.js';
import { ParamFault } from './param.fault.js';
import { Pkcs11Cbc } from './pkcs11-cbc.js';
import { ImportedKey, SessionObjects } from './session-objects.js';
import type { TokenConnection } from './token-connection.js';
import { DerivedKey, FoundKey, OutsideKey } from './token-keys.js';
import { TokenSession } from './token-session.js';

/** All cryptography inside a PKCS#11 token. A key of the token's own never leaves it; imported keys are objects of the
 *  session, which cannot be read out. Synchronous, except while a lost session is opened anew; then, and while the
 *  token is away, methods reject with a SessionDriverError. */
export class Pkcs11Driver implements CryptoDriver {
  readonly name = 'pkcs11';
  readonly ciphers: readonly string[];
  readonly cbc: Pkcs11Cbc;
  private readonly objects: SessionObjects;

  /** `mechanisms`: what the token has (CKM_…). */
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

  openKey(reference: string, path: string): Awaitable<FoundKey> {
    return this.runOrFault('openKey', path, (session) => {
      const key = new FoundKey(reference);
      key.mac(session);
      return key;
    });
  }

  derive(key: MacKey, info: Uint8Array, length: number): Awaitable<MacKey> {
    const own = Uint8Array.from(info);
    if (!(key instanceof ImportedKey)) return new DerivedKey(key, own, length);
    return andThen(this.expand(key, own, length), (bytes) => {
      const outside = new OutsideKey(createSecretKey(bytes));
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

  seal(suite: Suite, key: ImportedKey, nonce: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer> {
    return this.connection.run('seal', (session) => {
      const object = key.object(session, SUITE_ROWS.get(suite.cipher)!.use);
      const sealed = session.encrypt(aeadMechanism(session.cryptoki, suite, nonce), object, plaintext);
      return ofLength('seal', sealed, plaintext.length + TAG_LENGTH);
    });
  }

  open(suite: Suite, key: ImportedKey, nonce: Uint8Array, sealed: Uint8Array): Awaitable<Buffer | undefined> {
    if (sealed.length < TAG_LENGTH) return undefined;
    return this.connection.run('open', (session) => {
      const object = key.object(session, SUITE_ROWS.get(suite.cipher)!.use);
      session.beginDecrypt(aeadMechanism(session.cryptoki, suite, nonce), object);
      const plaintext = decryptOrRefuse(session, sealed, () => sealNothing(session, suite, object));
      return plaintext && ofLength('open', plaintext, sealed.length - TAG_LENGTH);
    });
  }

  /** Makes a key of 64 random bytes inside the token, which cannot be read out; gives its name for `crypto.secrets`.
   *  Rejects with a SessionConfigError at `label` when a key has the label already. */
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

  /** What `act` gives; a name that leads nowhere is the operator's fault at `path`, also in a session opened anew. */
  private runOrFault<T>(operation: string, path: string, act: (session: TokenSession) => T): Awaitable<T> {
    const found = this.connection.run(operation, (session) => faultOr(() => act(session)));
    return andThen(found, (value) => {
      if (value instanceof ParamFault) throw new SessionConfigError([{ path, message: value.message }]);
      return value;
    });
  }

  /** Shows nothing of keys and session. */
  toJSON(): object {
    return { name: this.name, ciphers: this.ciphers };
  }

  [inspect.custom](): string {
    return `Pkcs11Driver { ciphers: ${this.ciphers.join(', ')} }`;
  }
}

/** The mechanism that every key is derived with; a token without it cannot serve. */
export const NEEDED_MECHANISM = CKM.SHA512_HMAC;

function faultOr<T>(act: () => T): T | ParamFault {
  try {
    return act();
  } catch (error) {
    if (error instanceof ParamFault) return error;
    throw error;
  }
}

/** Tokens give different codes for a tag that does not fit, and the same ones when they cannot be reached. What the
 *  token could not do is not the bytes' fault; one that `proves` it can work has judged them. */
function decryptOrRefuse(session: TokenSession, sealed: Uint8Array, prove: () => void): Buffer | undefined {
  try {
    return session.decrypt(sealed);
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.isLost || error.isUnable) throw error;
    prove();
    return undefined;
  }
}

/** Throws unless the token can work with the key. The nonce is a random one: none seals twice. */
function sealNothing(session: TokenSession, suite: Suite, key: bigint): void {
  session.encrypt(aeadMechanism(session.cryptoki, suite, randomBytes(NONCE_LENGTH)), key, NOTHING);
}

const NOTHING = Buffer.alloc(0);
