import { timingSafeEqual } from 'node:crypto';
import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { COMMITMENT_LENGTH, suiteByVersion, TAG_LENGTH, type Suite } from '../crypto/suites.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { KeyRing, RingKey } from '../crypto/key-ring.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { openChunks, sealChunks } from './chunks.js';
import { HEADER_LENGTH, type EnvelopeContext } from './envelope-context.js';
import { deriveMessageKey, SALT_LENGTH, type MessageKey } from './message-key.js';
import { MessageKeyCache } from './message-key-cache.js';

/** Bytes of the prefix, header ‖ salt: all that a derivation needs from the envelope. */
const PREFIX_LENGTH = HEADER_LENGTH + SALT_LENGTH;
/** Offset of the first ciphertext byte. */
const BODY_AT = PREFIX_LENGTH + COMMITMENT_LENGTH;
/** Bytes that an envelope adds to a plaintext under 16 KiB, and the least that any envelope has: 77. */
export const ENVELOPE_OVERHEAD = BODY_AT + TAG_LENGTH;

/** A plaintext whose tag has been checked. */
export interface Opened {
  readonly plaintext: Buffer;
  /** True if the value should be sealed again: it was sealed by another key than the first, by a retiring key, or under
   *  another suite than the configured one. */
  readonly stale: boolean;
}

export interface EnvelopeOptions {
  /** The suite that seals. */
  readonly suite: Suite;
  /** The suites that may be opened. They include {@link suite}. */
  readonly accepted: readonly Suite[];
  /** Entries of the cache of message keys; 0 for none. */
  readonly cacheSize: number;
}

/** Seals and opens the native format, version 1:
 *
 *      version(1) ‖ key hint(4) ‖ salt(24) ‖ commitment(32) ‖ ciphertext(n) ‖ tag(16)
 *      └──── header(5) ─────┘
 *
 *  docs/wire-format.md describes every byte. The bytes given to {@link open} may be anybody's. Opening checks, in this
 *  order, and stops at the first failure:
 *
 *  1. the length, so that every later read stays within the bytes;
 *  2. the version, so that a suite that is not enabled never meets a key (no downgrade);
 *  3. the key hint, so that one key is tried and not all of them: work does not grow with the ring;
 *  4. the commitment, in constant time. It binds key, suite, salt and context. A forged or moved value stops here, and
 *     has cost the two HMACs of one derivation but no decryption;
 *  5. the tags of all chunks. Only then is the plaintext returned, and only then may the cache keep the key.
 *
 *  A failure is a `RejectReason`. Callers count it and never show it: outside, every failure is the same absent session.
 *  A thrown error never means a bad value; it means that the driver could not do its work. */
export class Envelope {
  private readonly cache: MessageKeyCache;
  private readonly accepted: ReadonlySet<number>;

  /** `keys` holds the current ring, which a reload exchanges. Each call reads it once and uses that ring to its end. */
  constructor(
    private readonly driver: CryptoDriver,
    private readonly keys: { readonly ring: KeyRing },
    private readonly options: EnvelopeOptions,
  ) {
    this.cache = new MessageKeyCache(options.cacheSize);
    this.accepted = new Set(options.accepted.map((suite) => suite.version));
  }

  /** Seals `plaintext` with the first key, bound to `context` and `row`. Returns the envelope; throws or rejects with a
   *  SessionDriverError if the driver cannot reach its key.
   *
   *  With an asynchronous driver, the caller must not change `plaintext` until the promise has settled. */
  seal(plaintext: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Buffer> {
    const { suite } = this.options;
    const { ring } = this.keys;
    const prefix = Buffer.concat([header(suite.version, ring.first.hint), randomPoolBytes(SALT_LENGTH)]);
    const name = MessageKeyCache.entryName(ring.first.index, prefix, context.digest, row);
    return andThen(this.derive(suite, ring.first, prefix, context, row), (key) =>
      andThen(sealChunks(this.driver, suite, key, plaintext), (body) => {
        this.remember(ring, name, key);
        return Buffer.concat([prefix, key.commitment, body]);
      }),
    );
  }

  /** Opens an envelope that {@link seal} made for the same context and row, or returns the reason why it does not open.
   *  Throws or rejects with a SessionDriverError if the driver cannot reach its key.
   *
   *  With an asynchronous driver, the caller must not change `sealed` until the promise has settled. */
  open(sealed: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Opened | RejectReason> {
    if (sealed.length < ENVELOPE_OVERHEAD) return 'length';
    const suite = suiteByVersion.get(sealed[0]!);
    if (!suite || !this.accepted.has(suite.version)) return 'version';
    const { ring } = this.keys;
    const ringKey = ring.find(sealed.readUInt32BE(1));
    if (!ringKey) return 'unknown-key';
    return this.openWith(suite, ring, ringKey, sealed, context, row);
  }

  /** Checks 4 and 5 of the list above, with the one key that the hint names. */
  private openWith(
    suite: Suite,
    ring: KeyRing,
    ringKey: RingKey,
    sealed: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<Opened | RejectReason> {
    const prefix = sealed.subarray(0, PREFIX_LENGTH);
    const name = MessageKeyCache.entryName(ringKey.index, prefix, context.digest, row);
    this.cache.useGeneration(ring.generation);
    const cached = this.findCached(name);
    return andThen(cached ?? this.derive(suite, ringKey, prefix, context, row), (key) => {
      if (!timingSafeEqual(key.commitment, sealed.subarray(PREFIX_LENGTH, BODY_AT))) return 'commitment';
      return andThen(openChunks(this.driver, suite, key, sealed.subarray(BODY_AT)), (plaintext) => {
        if (!plaintext) return 'tag';
        if (!cached) this.remember(ring, name, key);
        return { plaintext, stale: ring.isStale(ringKey) || suite !== this.options.suite };
      });
    });
  }

  /** Returns the cached message key, unless the token that held it has lost it; then it is derived again. */
  private findCached(name: string): MessageKey | undefined {
    const known = this.cache.get(name);
    return known && this.driver.isLost?.(known.key) ? undefined : known;
  }

  private derive(
    suite: Suite,
    key: RingKey,
    prefix: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<MessageKey> {
    const encoded = context.encode(prefix.subarray(0, HEADER_LENGTH), row);
    const salt = prefix.subarray(HEADER_LENGTH);
    return deriveMessageKey(this.driver, suite, key.subkeys[suite.subkey], salt, encoded);
  }

  /** Caches a message key that has sealed or opened. A key of a ring that a reload has replaced meanwhile is dropped. */
  private remember(ring: KeyRing, name: string, key: MessageKey): void {
    if (ring !== this.keys.ring) return;
    this.cache.useGeneration(ring.generation);
    this.cache.add(ring.generation, name, key);
  }
}

/** Returns the header that begins an envelope and a reference token: version(1) ‖ key hint(4, big-endian). */
export function header(version: number, hint: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_LENGTH);
  bytes[0] = version;
  bytes.writeUInt32BE(hint, 1);
  return bytes;
}
