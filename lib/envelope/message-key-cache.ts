import type { MessageKey } from './message-key.js';

/** A bounded cache of message keys, which removes the least recently used entry first. A second open of the same value
 *  then needs no derivation.
 *
 *  A hit proves nothing about the value: the envelope compares the commitment and checks the tag all the same. An entry
 *  is added only after sealing or after the tag has been checked, so that forged values cannot push entries out. */
export class MessageKeyCache {
  /** A Map iterates in the order of insertion, so its first entry is the least recently used one. */
  private entries = new Map<string, MessageKey>();
  private generation = 0;

  /** `limit` is the number of entries; 0 switches the cache off. */
  constructor(private readonly limit: number) {}

  /** Returns the name of an entry, built from everything that its derivation depends on: the key's place in the ring,
   *  `prefix` (header and salt), the digest of context items 1 to 5, and the row. All parts but the last have a fixed
   *  length or end at the blank, so that different parts never give the same name. */
  static entryName(keyIndex: number, prefix: Buffer, digest: string, row: Buffer): string {
    return `${keyIndex} ${prefix.toString('latin1')}${digest}${row.toString('latin1')}`;
  }

  /** Empties the cache if the ring has another generation than before. */
  useGeneration(generation: number): void {
    if (generation === this.generation) return;
    this.entries = new Map();
    this.generation = generation;
  }

  /** Returns the entry of that name and makes it the most recently used one. */
  get(name: string): MessageKey | undefined {
    const found = this.entries.get(name);
    if (!found) return undefined;
    this.entries.delete(name);
    this.entries.set(name, found);
    return found;
  }

  /** Adds an entry. The caller must have sealed with the key, or checked a tag with it, under that generation. A key of
   *  another generation is dropped: a reload took place while an asynchronous driver was at work. */
  add(generation: number, name: string, key: MessageKey): void {
    if (!this.limit || generation !== this.generation) return;
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(name, key);
  }
}
