import type { MessageKey } from './message-key.js';

/** Message keys that have sealed or opened something, so that a second open costs no derivation. Bounded; the least
 *  recently used goes first. A hit proves nothing: the commitment is compared and the tag is checked all the same. */
export class MessageKeyCache {
  private entries = new Map<string, MessageKey>();
  private generation = 0;

  constructor(private readonly limit: number) {}

  /** Name of an entry: key, header ‖ salt, digest of the context without its row, and the row. All parts but the last
   *  have one length, so that no two sets of parts have one name. */
  static nameOf(key: number, head: Buffer, digest: string, row: Buffer): string {
    return `${key} ${head.toString('latin1')}${digest}${row.toString('latin1')}`;
  }

  /** Forgets everything when the ring has changed. */
  enter(generation: number): void {
    if (generation === this.generation) return;
    this.entries = new Map();
    this.generation = generation;
  }

  get(name: string): MessageKey | undefined {
    const found = this.entries.get(name);
    if (!found) return undefined;
    this.entries.delete(name);
    this.entries.set(name, found);
    return found;
  }

  /** To be called only after the AEAD has succeeded under `generation`. */
  add(generation: number, name: string, key: MessageKey): void {
    if (!this.limit || generation !== this.generation) return;
    if (this.entries.size >= this.limit) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(name, key);
  }
}
