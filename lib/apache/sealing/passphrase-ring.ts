import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { sealingFirst } from '../../crypto/sealing-first.js';
import type { Secret } from '../../crypto/secret.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { PassphraseKey } from './passphrase-key.js';

/** A passphrase at its position in the ring, with the subkeys that httpd does not have. */
export interface RingEntry {
  readonly key: PassphraseKey;
  /** Position in the ring; 0 is the first. A passphrase that is `retiring` is behind those that may seal. */
  readonly index: number;
  /** Signs CSRF tokens. */
  readonly csrf: KeyObject;
  /** Authenticates the native entry of a session text, see native-entry.ts. */
  readonly native: KeyObject;
}

/** The passphrases of one moment: the first seals, all open. A ring never changes; a reload makes another ring. */
export class PassphraseRing {
  constructor(
    readonly keys: readonly RingEntry[],
    /** Rises by one with each reload. */
    readonly generation: number,
  ) {}

  /** The key that seals. */
  get first(): PassphraseKey {
    return this.keys[0]!.key;
  }

  /** Shows the number of passphrases and nothing else of them. */
  toJSON(): object {
    return { keys: this.keys.length, generation: this.generation };
  }

  [inspect.custom](): string {
    return `PassphraseRing { keys: ${this.keys.length}, generation: ${this.generation} }`;
  }
}

/** Makes rings from passphrases. A passphrase that was in the previous ring keeps its {@link PassphraseKey}, so that the
 *  cipher keys derived from it stay cached. */
export class PassphraseRingMaker {
  private known = new Map<string, PassphraseKey>();
  /** Keys the names in `known`: a plain hash of a passphrase would be a fast way to test guesses. */
  private readonly nameKey: KeyObject = createSecretKey(randomBytes(32));
  private generation = 0;
  private keysMade = 0;

  /** `path` is the path of the option that lists the passphrases; error messages name it. */
  constructor(private readonly path: string) {}

  /** Makes a ring of the passphrases in their order, the retiring ones last and without the revoked ones, and wipes their bytes.
   *  Rejects with a SessionConfigError if none is left that may seal, if one is empty, or if this Node's OpenSSL has no MD5. */
  async make(secrets: readonly Secret[]): Promise<PassphraseRing> {
    return this.makeNow(secrets);
  }

  /** Like {@link make}, but synchronous: no cipher key is derived before a session needs it. */
  makeNow(secrets: readonly Secret[]): PassphraseRing {
    try {
      const usable = withoutRevoked(secrets);
      if (!usable.length) throw this.error('the sources gave no passphrase; at least one is needed to seal');
      const known = new Map<string, PassphraseKey>();
      const ordered = sealingFirst(usable, this.path);
      const entries = ordered.map(({ bytes }, index) => entryOf(this.keyOf(bytes, known), index));
      this.known = known;
      return new PassphraseRing(entries, ++this.generation);
    } finally {
      for (const secret of secrets) secret.bytes.fill(0);
    }
  }

  /** Returns the key of a passphrase: the one it had in the last ring, or a new one. */
  private keyOf(passphrase: Buffer, known: Map<string, PassphraseKey>): PassphraseKey {
    if (!passphrase.length) throw this.error('holds an empty passphrase; httpd would seal under it');
    const name = createHmac('sha256', this.nameKey).update(passphrase).digest('base64');
    const key = known.get(name) ?? this.known.get(name) ?? this.newKey(passphrase);
    known.set(name, key);
    return key;
  }

  private newKey(passphrase: Buffer): PassphraseKey {
    try {
      return new PassphraseKey(++this.keysMade, passphrase);
    } catch {
      throw this.error(
        "needs MD5, which this Node's OpenSSL refuses; the Apache format cannot be used in FIPS mode",
      );
    }
  }

  private error(message: string): SessionConfigError {
    return new SessionConfigError([{ path: this.path, message }]);
  }
}

/** Returns the passphrases that may be used. One that any source revokes is dropped, wherever else it is listed. */
function withoutRevoked(secrets: readonly Secret[]): Secret[] {
  const revoked = secrets.filter(({ state }) => state === 'revoked');
  return secrets.filter(({ bytes }) => !revoked.some((one) => one.bytes.equals(bytes)));
}

/** The labels of the subkeys are part of the wire format. */
function entryOf(key: PassphraseKey, index: number): RingEntry {
  return { key, index, csrf: key.subkey('csrf'), native: key.subkey('own') };
}
