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

const HEAD_LENGTH = HEADER_LENGTH + SALT_LENGTH;
const BODY = HEAD_LENGTH + COMMITMENT_LENGTH;
/** Bytes that an envelope adds to a plaintext under 16 KiB. */
export const ENVELOPE_OVERHEAD = BODY + TAG_LENGTH;

/** Plaintext that was authentic. */
export interface Opened {
  readonly plaintext: Buffer;
  /** Sealed by another key or suite than the one that seals now. */
  readonly stale: boolean;
}

export interface EnvelopeOptions {
  /** The suite that seals. */
  readonly suite: Suite;
  /** The suites that open, the sealing one among them. */
  readonly accepted: readonly Suite[];
  /** Entries of the cache of message keys; 0 for none. */
  readonly cacheSize: number;
}

/** Our bytes, version 1:    version(1) ‖ key hint(4) ‖ salt(24) ‖ commitment(32) ‖ ciphertext(n) ‖ tag(16)
 *
 *  Every step of opening either goes on or gives one result, `RejectReason`, that callers count and never show. */
export class Envelope {
  private readonly cache: MessageKeyCache;
  private readonly accepted: ReadonlySet<number>;

  constructor(
    private readonly driver: CryptoDriver,
    private readonly keys: { readonly ring: KeyRing },
    private readonly options: EnvelopeOptions,
  ) {
    this.cache = new MessageKeyCache(options.cacheSize);
    this.accepted = new Set(options.accepted.map((suite) => suite.version));
  }

  /** Seals under the first key, bound to `context` and `row`. With an asynchronous driver `plaintext` has to stay as it
   *  is until the promise has settled. */
  seal(plaintext: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Buffer> {
    const { suite } = this.options;
    const { ring } = this.keys;
    const head = Buffer.concat([header(suite.version, ring.first.hint), randomPoolBytes(SALT_LENGTH)]);
    const name = MessageKeyCache.nameOf(ring.first.index, head, context.digest, row);
    return andThen(this.derive(suite, ring.first, head, context, row), (key) =>
      andThen(sealChunks(this.driver, suite, key, plaintext), (body) => {
        this.remember(ring, name, key);
        return Buffer.concat([head, key.commitment, body]);
      }),
    );
  }

  /** Opens what {@link seal} made for the same context and row; else says why not. `sealed` has to stay as it is until
   *  then. */
  open(sealed: Buffer, context: EnvelopeContext, row: Buffer): Awaitable<Opened | RejectReason> {
    if (sealed.length < ENVELOPE_OVERHEAD) return 'length';
    const suite = suiteByVersion.get(sealed[0]!);
    if (!suite || !this.accepted.has(suite.version)) return 'version';
    const { ring } = this.keys;
    const ringKey = ring.find(sealed.readUInt32BE(1));
    if (!ringKey) return 'unknown-key';
    return this.openWith(suite, ring, ringKey, sealed, context, row);
  }

  private openWith(
    suite: Suite,
    ring: KeyRing,
    ringKey: RingKey,
    sealed: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<Opened | RejectReason> {
    const head = sealed.subarray(0, HEAD_LENGTH);
    const name = MessageKeyCache.nameOf(ringKey.index, head, context.digest, row);
    this.cache.enter(ring.generation);
    const cached = this.cached(name);
    return andThen(cached ?? this.derive(suite, ringKey, head, context, row), (key) => {
      if (!timingSafeEqual(key.commitment, sealed.subarray(HEAD_LENGTH, BODY))) return 'commitment';
      return andThen(openChunks(this.driver, suite, key, sealed.subarray(BODY)), (plaintext) => {
        if (!plaintext) return 'tag';
        if (!cached) this.remember(ring, name, key);
        return { plaintext, stale: ring.isStale(ringKey) || suite !== this.options.suite };
      });
    });
  }

  /** A message key that is known, unless the driver has lost it. */
  private cached(name: string): MessageKey | undefined {
    const known = this.cache.get(name);
    return known && this.driver.isLost?.(known.key) ? undefined : known;
  }

  private derive(
    suite: Suite,
    key: RingKey,
    head: Buffer,
    context: EnvelopeContext,
    row: Buffer,
  ): Awaitable<MessageKey> {
    const encoded = context.encode(head.subarray(0, HEADER_LENGTH), row);
    const salt = head.subarray(HEADER_LENGTH);
    return deriveMessageKey(this.driver, suite, key.subkeys[suite.subkey], salt, encoded);
  }

  private remember(ring: KeyRing, name: string, key: MessageKey): void {
    if (ring !== this.keys.ring) return;
    this.cache.enter(ring.generation);
    this.cache.add(ring.generation, name, key);
  }
}

/** version(1) ‖ key hint(4, big-endian) */
export function header(version: number, hint: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_LENGTH);
  bytes[0] = version;
  bytes.writeUInt32BE(hint, 1);
  return bytes;
}
