import type { KeyObject } from 'node:crypto';
import type { KeyHandle } from './crypto-driver.interface.js';

/** All subkeys of one secret (session-crypto/v1/…). */
export interface RingKey {
  /** The 4 bytes that stand in envelope and token, as a big-endian number. */
  readonly hint: number;
  /** Place in the ring, 0 first. */
  readonly index: number;
  /** Asked to stop being used: what it opened is stale, also in first place. */
  readonly retiring: boolean;
  readonly subkeys: Readonly<Record<'seal' | 'seal-aes128', KeyHandle>>;
  /** Tags reference tokens. */
  readonly ref: KeyObject;
  /** Binds CSRF tokens. */
  readonly csrf: KeyObject;
}

/** The keys of one moment: the first seals, all open. Never changed; a reload makes another ring. */
export class KeyRing {
  private readonly byHint: ReadonlyMap<number, RingKey>;

  constructor(
    readonly keys: readonly RingKey[],
    /** Rises with each reload, so that nothing derived from another ring is used. */
    readonly generation: number,
  ) {
    this.byHint = new Map(keys.map((key) => [key.hint, key]));
  }

  /** The first key, which seals. */
  get first(): RingKey {
    return this.keys[0]!;
  }

  /** The one key that a hint names. */
  find(hint: number): RingKey | undefined {
    return this.byHint.get(hint);
  }

  /** Whether what this key opened should be sealed anew. */
  isStale(key: RingKey): boolean {
    return key.index > 0 || key.retiring;
  }

  /** Shows nothing of the keys in `util.inspect` and `JSON.stringify`. */
  toJSON(): object {
    return { keys: this.keys.length, generation: this.generation };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `KeyRing { keys: ${this.keys.length}, generation: ${this.generation} }`;
  }
}
