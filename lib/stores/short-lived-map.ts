/** Deletions after which the entries that are left move to another Map. */
const RENEWAL = 64;

/** A Map of what comes and goes with requests. V8 gives a Map a new table whenever the old one is full of deleted entries, and
 *  the old table leads to the new one. Once one of them is old, all that follow get old too, with all that their entries
 *  held, and only a full collection frees them: 11 KB of each request in a store. Another Map begins anew. */
export class ShortLivedMap<K, V> {
  private entries = new Map<K, V>();
  private deleted = 0;

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  set(key: K, value: V): void {
    this.entries.set(key, value);
  }

  /** Reports whether there was an entry. Moves no more entries than were deleted, so that a deletion costs the same however
   *  many there are. */
  delete(key: K): boolean {
    const wasThere = this.entries.delete(key);
    if (wasThere && ++this.deleted >= Math.max(RENEWAL, this.size)) {
      this.entries = new Map(this.entries);
      this.deleted = 0;
    }
    return wasThere;
  }
}
