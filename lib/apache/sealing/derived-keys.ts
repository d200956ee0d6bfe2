import type { Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheKey } from './apache-key.js';
import type { ApacheRing } from './apache-ring.js';
import type { DriverCipher } from './driver-cipher.js';

/** Cipher keys that have sealed or opened something, by passphrase and salt, so that a second open costs no PBKDF2.
 *  Bounded; the least recently used goes first. A hit proves nothing: the MAC has been checked before. */
export class DerivedKeys {
  private readonly entries = new Map<string, { readonly from: ApacheKey; readonly key: KeyHandle }>();
  private readonly underWay = new Map<string, Promise<KeyHandle>>();
  private generation = 0;

  /** `limit`: entries, 0 for none. */
  constructor(
    private readonly limit: number,
    private readonly cipher: DriverCipher,
  ) {}

  /** Forgets what came from passphrases that are no longer in the ring. */
  enter(ring: ApacheRing): void {
    if (ring.generation === this.generation) return;
    this.generation = ring.generation;
    const current = new Set(ring.keys.map(({ key }) => key));
    for (const [name, { from }] of this.entries) if (!current.has(from)) this.entries.delete(name);
  }

  /** The key of a salt: at once when it is known, else derived, once for all who ask meanwhile. */
  get(from: ApacheKey, salt: Buffer): Awaitable<KeyHandle> {
    const name = nameOf(from, salt);
    const found = this.entries.get(name);
    if (found) this.entries.delete(name);
    if (!found || this.cipher.isLost(found.key))
      return this.underWay.get(name) ?? this.derive(name, from, salt);
    this.entries.set(name, found);
    return found.key;
  }

  /** To be called only after something was sealed or opened with `key`, and while `from` is in the ring. */
  add(from: ApacheKey, salt: Buffer, key: KeyHandle): void {
    if (!this.limit) return;
    const name = nameOf(from, salt);
    if (this.entries.has(name)) return;
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(name, { from, key });
  }

  private derive(name: string, from: ApacheKey, salt: Buffer): Promise<KeyHandle> {
    const promise = this.cipher.derive(from, salt).finally(() => this.underWay.delete(name));
    this.underWay.set(name, promise);
    return promise;
  }
}

/** The salt has one length, so that no two pairs have one name. */
const nameOf = (from: ApacheKey, salt: Buffer): string => `${from.id} ${salt.toString('latin1')}`;
