import type { Awaitable } from '../crypto/awaitable.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { KeyRing } from '../crypto/key-ring.js';
import { fillRandom } from '../crypto/random-pool.js';
import { forgetInSnapshot } from '../crypto/startup-snapshot.js';
import type { Suite } from '../crypto/suites.js';
import { HEADER_LENGTH, writeHeader } from './envelope-context.js';
import { deriveEpochKey, EPOCH_LENGTH, PREFIX_LENGTH, type EpochKey } from './epoch-key.js';

/** Messages of one epoch. Nonces are random and have 96 bits, so two of 2^24 messages have the same nonce with a probability
 *  of 2^-49 (NIST SP 800-38D §8.3 allows 2^-32). */
export const EPOCH_MESSAGES = 2 ** 24;
/** Seconds that an epoch lasts at least, unless messages or ring end it sooner. */
export const MIN_EPOCH_SECONDS = 600;
/** Epochs that a process makes at most in the life of a session: the other servers of a fleet keep a key for each. */
const EPOCHS_PER_LIFE = 50;

/** Returns the seconds that an epoch lasts where the longest timeout of a session has `longestTimeout` seconds. */
export const epochSeconds = (longestTimeout: number): number =>
  Math.max(MIN_EPOCH_SECONDS, Math.ceil(longestTimeout / EPOCHS_PER_LIFE));

/** One epoch: the bytes that its envelopes begin with, and its key. */
export interface Epoch {
  /** header(5) ‖ epoch(12) */
  readonly prefix: Buffer;
  /** The ring whose first key the epoch's key is derived from. */
  readonly ring: KeyRing;
  /** The key, or a promise of it while an asynchronous driver derives it. */
  readonly key: Awaitable<EpochKey>;
}

/** The current epoch, and what decides when it ends. */
interface CurrentEpoch extends Epoch {
  key: Awaitable<EpochKey>;
  readonly startedAt: number;
  messages: number;
}

/** Holds the epoch that this process seals in. A new epoch is made after 2^24 messages, after a time, when the ring changes,
 *  when a token has lost the key, and in every process. */
export class SealingEpoch {
  private current: CurrentEpoch | undefined;
  private readonly lifetime: number;

  /** `seconds` is how long an epoch lasts; `now` returns milliseconds. `made` is called with each new epoch and its key. */
  constructor(
    private readonly driver: CryptoDriver,
    private readonly suite: Suite,
    seconds: number,
    private readonly now: () => number,
    private readonly made: (epoch: Epoch, key: EpochKey) => void,
  ) {
    this.lifetime = seconds * 1000;
  }

  /** Returns the epoch of the next message under `ring`, and counts the message. Throws a SessionDriverError if the driver
   *  cannot reach its key. */
  next(ring: KeyRing): Epoch {
    const now = this.now();
    const { current } = this;
    if (!current || !this.serves(current, ring, now)) return this.begin(ring, now);
    current.messages++;
    return current;
  }

  /** A clock that was set back ends the epoch too. */
  private serves({ ring, key, startedAt, messages }: CurrentEpoch, current: KeyRing, now: number): boolean {
    const age = now - startedAt;
    return (
      ring === current && messages < EPOCH_MESSAGES && age >= 0 && age < this.lifetime && !this.isLost(key)
    );
  }

  private begin(ring: KeyRing, now: number): Epoch {
    const { driver, suite } = this;
    const prefix = newPrefix(suite, ring);
    const key = deriveEpochKey(driver, suite, ring.first.subkeys[suite.subkey], prefix);
    const epoch: CurrentEpoch = { prefix, ring, key, startedAt: now, messages: 1 };
    this.current = epoch;
    forgetInSnapshot(() => this.end(epoch));
    if (key instanceof Promise) this.await(epoch, key);
    else this.made(epoch, key);
    return epoch;
  }

  /** Puts the key in the place of its promise. An epoch without a key ends, so that the next message asks the driver again.
   *  Nobody waits for this promise, so a rejection would end the process. */
  private await(epoch: CurrentEpoch, key: Promise<EpochKey>): void {
    const done = (made: EpochKey) => {
      epoch.key = made;
      this.made(epoch, made);
    };
    key.then(done).catch(() => this.end(epoch));
  }

  private end(epoch: CurrentEpoch): void {
    if (this.current === epoch) this.current = undefined;
  }

  private isLost(key: Awaitable<EpochKey>): boolean {
    return !(key instanceof Promise) && (this.driver.isLost?.(key.key) ?? false);
  }
}

function newPrefix(suite: Suite, ring: KeyRing): Buffer {
  const prefix = Buffer.allocUnsafeSlow(PREFIX_LENGTH);
  writeHeader(prefix, suite.version, ring.first.hint);
  fillRandom(prefix, HEADER_LENGTH, EPOCH_LENGTH);
  return prefix;
}
