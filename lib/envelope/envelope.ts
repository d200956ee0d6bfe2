import { timingSafeEqual } from 'node:crypto';
import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { COMMITMENT_LENGTH, NONCE_LENGTH, suiteByVersion, TAG_LENGTH, type Suite } from '../crypto/suites.js';
import { fillRandom } from '../crypto/random-pool.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { KeyRing, RingKey } from '../crypto/key-ring.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { SessionDriverError } from '../errors/session-driver.error.js';
import type { EnvelopeContext } from './envelope-context.js';
import { deriveEpochKey, PREFIX_LENGTH, type EpochKey } from './epoch-key.js';
import { EpochKeyCache } from './epoch-key-cache.js';
import { FRAME_LENGTH } from './frame.js';
import { MIN_EPOCH_SECONDS, SealingEpoch } from './sealing-epoch.js';

/** Offset of the commitment. */
const COMMITMENT_AT = PREFIX_LENGTH + NONCE_LENGTH;
/** Offset of the first ciphertext byte. */
const BODY_AT = COMMITMENT_AT + COMMITMENT_LENGTH;
/** Bytes that an envelope adds to a plaintext, and the least that any envelope has: 77. */
export const ENVELOPE_OVERHEAD = BODY_AT + TAG_LENGTH;
/** Bytes of the longest payload: 1 MiB. */
export const MAX_PAYLOAD = 2 ** 20;
/** Bytes of the longest plaintext: a frame and the longest payload. */
const MAX_PLAINTEXT = FRAME_LENGTH + MAX_PAYLOAD;
const MAX_SEALED = MAX_PLAINTEXT + ENVELOPE_OVERHEAD;

/** A plaintext whose tag has been checked. */
export interface Opened {
  readonly plaintext: Buffer;
  /** True if the value should be sealed again: it was sealed by another key than the first, or under another suite than the
   *  configured one. */
  readonly stale: boolean;
}

export interface EnvelopeOptions {
  /** The suite that seals. */
  readonly suite: Suite;
  /** The suites that may be opened. They include {@link suite}. */
  readonly accepted: readonly Suite[];
  /** Entries of the cache of epoch keys; 0 for none. */
  readonly cacheSize: number;
  /** Seconds that an epoch lasts; {@link MIN_EPOCH_SECONDS} if absent. */
  readonly epochSeconds?: number;
  /** Returns the time in milliseconds; the clock of the process if absent. */
  readonly now?: () => number;
}

/** Seals and opens the native format, version 2:
 *
 *      version(1) ‖ key hint(4) ‖ epoch(12) ‖ nonce(12) ‖ commitment(32) ‖ ciphertext(n) ‖ tag(16)
 *      └──── header(5) ─────┘
 *      └────────── prefix(17) ────────────┘
 *
 *  docs/wire-format.md describes every byte. The bytes given to {@link open} may be anybody's. Opening checks, in this
 *  order, and stops at the first failure:
 *
 *  1. the length, so that every later read stays within the bytes;
 *  2. the version, so that a suite that is not enabled never meets a key (no downgrade);
 *  3. the key hint, so that one key is tried and not all of them: work does not grow with the ring;
 *  4. the commitment, in constant time. It binds key, suite and epoch. A stranger's value stops here, and has cost one
 *     HMAC but no decryption;
 *  5. the tag, which covers the context too: a value that was moved stops here. Only then is the plaintext returned, and
 *     only then may the cache keep the key.
 *
 *  A failure is a `RejectReason`. Callers count it and never show it: outside, every failure is the same absent session.
 *  A thrown error never means a bad value; it means that the driver could not do its work. */
export class Envelope {
  private readonly cache: EpochKeyCache;
  private readonly accepted: ReadonlySet<number>;
  private readonly epoch: SealingEpoch;

  /** `keys` holds the current ring, which a reload exchanges. Each call reads it once and uses that ring to its end. */
  constructor(
    private readonly driver: CryptoDriver,
    private readonly keys: { readonly ring: KeyRing },
    private readonly options: EnvelopeOptions,
  ) {
    const { suite, accepted, cacheSize, epochSeconds = MIN_EPOCH_SECONDS, now = Date.now } = options;
    this.cache = new EpochKeyCache(cacheSize);
    this.accepted = new Set(accepted.map(({ version }) => version));
    this.epoch = new SealingEpoch(driver, suite, epochSeconds, now, ({ ring, prefix }, key) =>
      this.remember(ring, prefix.toString('latin1'), key),
    );
  }

  /** False while all keys of a managed ring are revoked: then nobody can say whose a value is. */
  get hasKeys(): boolean {
    return this.keys.ring.keys.length > 0;
  }

  /** Seals `plaintext` with the first key, bound to `context` and `row`. Returns the envelope. Throws a RangeError for more
   *  than a frame and 1 MiB, and a SessionStateError if the ring has no key; throws or rejects with a SessionDriverError if
   *  the driver cannot reach its key.
   *
   *  With an asynchronous driver, the caller must not change `plaintext` until the promise has settled. */
  seal(plaintext: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Buffer> {
    if (plaintext.length > MAX_PLAINTEXT)
      throw new RangeError(`${plaintext.length} bytes cannot be sealed; at most ${MAX_PLAINTEXT} can`);
    const { prefix, key } = this.epoch.next(this.keys.ring);
    if (key instanceof Promise)
      return key.then((made) => this.sealWith(prefix, made, plaintext, context, row));
    return this.sealWith(prefix, key, plaintext, context, row);
  }

  /** Opens an envelope that {@link seal} made for the same context and row, or returns the reason why it does not open.
   *  Throws or rejects with a SessionDriverError if the driver cannot reach its key.
   *
   *  With an asynchronous driver, the caller must not change `sealed` until the promise has settled. */
  open(sealed: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Opened | RejectReason> {
    if (sealed.length < ENVELOPE_OVERHEAD || sealed.length > MAX_SEALED) return 'length';
    const suite = suiteByVersion.get(sealed[0]!);
    if (!suite || !this.accepted.has(suite.version)) return 'version';
    const { ring } = this.keys;
    const ringKey = ring.find(sealed.readUInt32BE(1));
    if (!ringKey) return 'unknown-key';
    this.cache.useGeneration(ring.generation);
    const name = sealed.toString('latin1', 0, PREFIX_LENGTH);
    const known = this.findCached(name);
    if (known) return this.openWith(known, suite, ring, ringKey, sealed, context, row);
    return this.openUnseen(name, suite, ring, ringKey, sealed, context, row);
  }

  private sealWith(
    prefix: Buffer,
    { key, commitment }: EpochKey,
    plaintext: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<Buffer> {
    const sealed = Buffer.allocUnsafe(plaintext.length + ENVELOPE_OVERHEAD);
    sealed.set(prefix);
    fillRandom(sealed, PREFIX_LENGTH, NONCE_LENGTH);
    sealed.set(commitment, COMMITMENT_AT);
    const nonce = sealed.subarray(PREFIX_LENGTH, COMMITMENT_AT);
    const body = this.driver.seal(this.options.suite, key, nonce, plaintext, context.encode(prefix, row));
    return body instanceof Promise ? body.then((bytes) => withBody(sealed, bytes)) : withBody(sealed, body);
  }

  /** Opens a value of an epoch that is not in the cache, and remembers the epoch's key if the value is authentic. */
  private openUnseen(
    name: string,
    suite: Suite,
    ring: KeyRing,
    ringKey: RingKey,
    sealed: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<Opened | RejectReason> {
    const input = ringKey.subkeys[suite.subkey];
    const derive = () => deriveEpochKey(this.driver, suite, input, sealed.subarray(0, PREFIX_LENGTH));
    return andThen(this.cache.share(name, derive), (key) =>
      andThen(this.openWith(key, suite, ring, ringKey, sealed, context, row), (opened) => {
        if (typeof opened !== 'string') this.remember(ring, name, key);
        return opened;
      }),
    );
  }

  /** Checks 4 and 5 of the list above, with the key of the value's epoch. */
  private openWith(
    { key, commitment }: EpochKey,
    suite: Suite,
    ring: KeyRing,
    ringKey: RingKey,
    sealed: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<Opened | RejectReason> {
    if (!timingSafeEqual(commitment, sealed.subarray(COMMITMENT_AT, BODY_AT))) return 'commitment';
    const nonce = sealed.subarray(PREFIX_LENGTH, COMMITMENT_AT);
    const encoded = context.encode(sealed, row);
    const text = this.driver.open(suite, key, nonce, sealed.subarray(BODY_AT), encoded);
    const stale = ring.isStale(ringKey) || suite !== this.options.suite;
    return text instanceof Promise
      ? text.then((plaintext) => openedOr(plaintext, stale, ringKey, context))
      : openedOr(text, stale, ringKey, context);
  }

  /** Returns the cached key of an epoch, unless the token that held it has lost it; then it is derived again. */
  private findCached(name: string): EpochKey | undefined {
    const known = this.cache.get(name);
    return known && this.driver.isLost?.(known.key) ? undefined : known;
  }

  /** Caches the key of an epoch of our own, or one that has opened a value. A key of a ring that a reload has replaced
   *  meanwhile is dropped. */
  private remember(ring: KeyRing, name: string, key: EpochKey): void {
    if (ring !== this.keys.ring) return;
    this.cache.useGeneration(ring.generation);
    this.cache.add(ring.generation, name, key);
  }
}

function openedOr(
  plaintext: Buffer | undefined,
  stale: boolean,
  { opens }: RingKey,
  { countsAsUse }: EnvelopeContext,
): Opened | RejectReason {
  if (!plaintext) return 'tag';
  if (countsAsUse) opens.add();
  return { plaintext, stale };
}

/** Completes an envelope with ciphertext ‖ tag. A driver that returns another length has not done what it was asked, and the
 *  rest of the envelope would hold bytes that nobody wrote. */
function withBody(sealed: Buffer, body: Buffer): Buffer {
  if (body.length !== sealed.length - BODY_AT) throw new SessionDriverError('seal', 'wrong length');
  sealed.set(body, BODY_AT);
  return sealed;
}
