import type { KeyObject } from 'node:crypto';
import type { Awaitable } from '../crypto/awaitable.js';
import type { ApacheKey } from './apache-key.js';
import type { ApacheRing } from './apache-ring.js';

/** Cipher keys that have sealed or opened something, by passphrase and salt, so that a second open costs no PBKDF2.
 *  Bounded; the least recently used goes first. A hit proves nothing: the MAC has been checked before. */
export class DerivedKeys {
  private readonly entries = new Map<string, { readonly from: ApacheKey; readonly key: KeyObject }>();
  private readonly underWay = new Map<string, Promise<KeyObject>>();
  private generation = 0;

  /** `limit`: entries, 0 for none; `length`: bytes of the cipher's key. */
  constructor(
    private readonly limit: number,
    private readonly length: number,
  ) {}

  /** Forgets what came from passphrases that are no longer in the ring. */
  enter(ring: ApacheRing): void {
    if (ring.generation === this.generation) return;
    this.generation = ring.generation;
    const current = new Set(ring.keys.map(({ key }) => key));
    for (const [name, { from }] of this.entries) if (!current.has(from)) this.entries.delete(name);
  }

  /** The key of a salt: at once when it is known, else derived, once for all who ask meanwhile. */
  get(from: ApacheKey, salt: Buffer): Awaitable<KeyObject> {
    const name = nameOf(from, salt);
    const found = this.entries.get(name);
    if (!found) return this.underWay.get(name) ?? this.derive(name, from, salt);
    this.entries.delete(name);
    this.entries.set(name, found);
    return found.key;
  }

  /** To be called only after something was sealed or opened with `key`, and while `from` is in the ring. */
  add(from: ApacheKey, salt: Buffer, key: KeyObject): void {
    if (!this.limit) return;
    const name = nameOf(from, salt);
    if (this.entries.has(name)) return;
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(name, { from, key });
  }

  private derive(name: string, from: ApacheKey, salt: Buffer): Promise<KeyObject> {
    const promise = from.derive(salt, this.length).finally(() => this.underWay.delete(name));
    this.underWay.set(name, promise);
    return promise;
  }
}

/** The salt has one length, so that no two pairs have one name. */
const nameOf = (from: ApacheKey, salt: Buffer): string => `${from.id} ${salt.toString('latin1')}`;
