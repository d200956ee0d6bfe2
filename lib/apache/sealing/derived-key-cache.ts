import type { Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { DriverCipher } from './driver-cipher.js';
import type { PassphraseKey } from './passphrase-key.js';
import type { PassphraseRing } from './passphrase-ring.js';

/** Remembers cipher keys by passphrase and salt, so that a second open costs no PBKDF2. A key enters the cache only after
 *  it has sealed or opened something. The cache is bounded and drops the least recently used key first. A hit proves
 *  nothing about a value: the caller has checked the MAC before it asks. */
export class DerivedKeyCache {
  /** The cached keys, the least recently used first: a Map keeps the order of insertion. */
  private readonly entries = new Map<string, { readonly from: PassphraseKey; readonly key: KeyHandle }>();
  /** The derivations that are running. */
  private readonly pending = new Map<string, Promise<KeyHandle>>();
  /** Generation of the ring that the cache was last compared with. */
  private generation = 0;

  /** `limit` is the maximum number of keys; 0 switches the cache off. */
  constructor(
    private readonly limit: number,
    private readonly cipher: DriverCipher,
  ) {}

  /** Drops the keys of passphrases that are no longer in the ring. */
  syncWith(ring: PassphraseRing): void {
    if (ring.generation === this.generation) return;
    this.generation = ring.generation;
    const current = new Set(ring.keys.map(({ key }) => key));
    for (const [name, { from }] of this.entries) if (!current.has(from)) this.entries.delete(name);
  }

  /** Returns the cipher key of a salt: at once if it is cached, otherwise as a promise. Callers that ask for the same key
   *  at the same time share one derivation. */
  get(from: PassphraseKey, salt: Buffer): Awaitable<KeyHandle> {
    const name = nameOf(from, salt);
    const found = this.entries.get(name);
    if (found) this.entries.delete(name); // re-inserted below, as the most recently used
    if (!found || this.cipher.isLost(found.key))
      return this.pending.get(name) ?? this.derive(name, from, salt);
    this.entries.set(name, found);
    return found.key;
  }

  /** Caches a key. Call it only after `key` has sealed or opened something, and while `from` is in the ring. */
  add(from: PassphraseKey, salt: Buffer, key: KeyHandle): void {
    if (!this.limit) return;
    const name = nameOf(from, salt);
    if (this.entries.has(name)) return;
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(name, { from, key });
  }

  private derive(name: string, from: PassphraseKey, salt: Buffer): Promise<KeyHandle> {
    const promise = this.cipher.derive(from, salt).finally(() => this.pending.delete(name));
    this.pending.set(name, promise);
    return promise;
  }
}

/** Names a pair of passphrase and salt. Every salt has the same length, so no two pairs share a name. */
const nameOf = (from: PassphraseKey, salt: Buffer): string => `${from.id} ${salt.toString('latin1')}`;
