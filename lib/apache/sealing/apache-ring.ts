import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import type { Secret } from '../../crypto/secret.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { ApacheKey } from './apache-key.js';

/** A key in its place. */
export interface ApacheRingKey {
  readonly key: ApacheKey;
  /** Place in the ring, 0 first. */
  readonly index: number;
  /** Asked to stop being used: what it opened is stale, also in first place. */
  readonly retiring: boolean;
  /** Binds CSRF tokens. */
  readonly csrf: KeyObject;
  /** Binds the entry that is ours alone. */
  readonly own: KeyObject;
}

/** The passphrases of one moment: the first seals, all open. Never changed; a reload makes another ring. */
export class ApacheRing {
  constructor(
    readonly keys: readonly ApacheRingKey[],
    /** Rises with each reload. */
    readonly generation: number,
  ) {}

  /** The key that seals. */
  get first(): ApacheKey {
    return this.keys[0]!.key;
  }

  /** Shows how many there are, and no more. */
  toJSON(): object {
    return { keys: this.keys.length, generation: this.generation };
  }

  [inspect.custom](): string {
    return `ApacheRing { keys: ${this.keys.length}, generation: ${this.generation} }`;
  }
}

/** Turns passphrases into rings. One that was there before keeps its key, so that nothing derived from it is lost. */
export class ApacheRingMaker {
  private known = new Map<string, ApacheKey>();
  /** Names are keyed, so that none of them is a quick way to try passphrases. */
  private readonly blind: KeyObject = createSecretKey(randomBytes(32));
  private generation = 0;
  private made = 0;

  /** `path`: of the option that lists the passphrases, for messages. */
  constructor(private readonly path: string) {}

  /** A ring of all passphrases, in order, each at least one byte. Wipes their bytes. Rejects with a
   *  SessionConfigError when none is left, or when OpenSSL has no MD5. */
  async make(secrets: readonly Secret[]): Promise<ApacheRing> {
    return this.makeNow(secrets);
  }

  /** {@link make}, at once: no passphrase is stretched before a session needs it. */
  makeNow(secrets: readonly Secret[]): ApacheRing {
    try {
      const revoked = secrets.filter(({ state }) => state === 'revoked');
      const kept = secrets.filter(({ bytes }) => !revoked.some((one) => one.bytes.equals(bytes)));
      if (!kept.length) throw this.fault('the sources gave no passphrase; at least one is needed to seal');
      const known = new Map<string, ApacheKey>();
      const keys = kept.map(({ bytes, state }, index) => {
        const key = this.keyOf(bytes, known);
        return {
          key,
          index,
          retiring: state === 'retiring',
          csrf: key.subkey('csrf'),
          own: key.subkey('own'),
        };
      });
      this.known = known;
      return new ApacheRing(keys, ++this.generation);
    } finally {
      for (const secret of secrets) secret.bytes.fill(0);
    }
  }

  private keyOf(passphrase: Buffer, known: Map<string, ApacheKey>): ApacheKey {
    if (!passphrase.length) throw this.fault('holds an empty passphrase; httpd would seal under it');
    const name = createHmac('sha256', this.blind).update(passphrase).digest('base64');
    const key = known.get(name) ?? this.known.get(name) ?? this.newKey(passphrase);
    known.set(name, key);
    return key;
  }

  private newKey(passphrase: Buffer): ApacheKey {
    try {
      return new ApacheKey(++this.made, passphrase);
    } catch {
      throw this.fault(
        "needs MD5, which this Node's OpenSSL refuses; the Apache format can't be had in FIPS mode",
      );
    }
  }

  private fault(message: string): SessionConfigError {
    return new SessionConfigError([{ path: this.path, message }]);
  }
}
