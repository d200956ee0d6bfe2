import type { Awaitable } from '../crypto/awaitable.js';
import type { EpochKey } from './epoch-key.js';

/** A bounded cache of epoch keys by header and epoch, which removes the least recently used entry first. Opening another
 *  value of the same epoch then needs no derivation.
 *
 *  A hit proves nothing about the value: the envelope compares the commitment and checks the tag all the same. An entry
 *  is added only for an epoch of our own or after a tag has been checked, so that forged values cannot push entries out. */
export class EpochKeyCache {
  /** A Map iterates in the order of insertion, so its first entry is the least recently used one. */
  private entries = new Map<string, EpochKey>();
  /** The name of the newest entry, which needs no move when it is used again. */
  private newest = '';
  /** Derivations under way with an asynchronous driver. */
  private pending = new Map<string, Promise<EpochKey>>();
  private generation = 0;

  /** `limit` is the number of entries; 0 switches the cache off. */
  constructor(private readonly limit: number) {}

  /** Empties the cache if the ring has another generation than before. */
  useGeneration(generation: number): void {
    if (generation === this.generation) return;
    this.entries = new Map();
    this.pending = new Map();
    this.newest = '';
    this.generation = generation;
  }

  /** Returns the entry of that name and makes it the most recently used one. */
  get(name: string): EpochKey | undefined {
    const found = this.entries.get(name);
    if (!found || name === this.newest) return found;
    this.entries.delete(name);
    this.set(name, found);
    return found;
  }

  /** Adds an entry. The caller must have made the epoch, or checked a tag with its key, under that generation. A key of
   *  another generation is dropped: a reload took place while an asynchronous driver was at work. */
  add(generation: number, name: string, key: EpochKey): void {
    if (!this.limit || generation !== this.generation) return;
    this.entries.delete(name);
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.set(name, key);
  }

  /** Returns what `derive` returns. Calls for one name that come while a promise is pending share it, so that a token is
   *  asked once. */
  share(name: string, derive: () => Awaitable<EpochKey>): Awaitable<EpochKey> {
    const { pending } = this;
    const known = pending.get(name);
    if (known) return known;
    const key = derive();
    if (!(key instanceof Promise)) return key;
    const shared = key.finally(() => pending.delete(name));
    pending.set(name, shared);
    return shared;
  }

  private set(name: string, key: EpochKey): void {
    this.entries.set(name, key);
    this.newest = name;
  }
}
