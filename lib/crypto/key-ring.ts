import type { KeyObject } from 'node:crypto';
import { SessionStateError } from '../errors/session-state.error.js';
import type { KeyHandle } from './crypto-driver.interface.js';

/** Hears the hint of each key that has opened something. */
export interface OpenWatch {
  openedBy(hint: string): void;
}

/** Counts what one key has opened since the process began. */
export class OpenCount {
  private count = 0;

  constructor(
    /** The key hint as people read it: eight hexadecimal digits. */
    private readonly hint: string,
    private readonly watch?: OpenWatch,
  ) {}

  get total(): number {
    return this.count;
  }

  add(): void {
    this.count++;
    this.watch?.openedBy(this.hint);
  }
}

/** One key of the ring: the subkeys of one secret, each for one use. The input key itself is not kept. */
export interface RingKey {
  /** The key hint, 4 bytes as a big-endian number. Every envelope and reference token carries it. It is a subkey, so
   *  it reveals nothing about the others. */
  readonly hint: number;
  /** Place in the ring; 0 is the first key. */
  readonly index: number;
  /** True if the operator has marked the secret as `retiring`: it is behind those that may seal. */
  readonly retiring: boolean;
  /** The subkeys that epoch keys are derived from, by their names in `Suite.subkey`. The driver keeps them. */
  readonly subkeys: Readonly<Record<'seal' | 'seal-aes128', KeyHandle>>;
  /** Tags reference tokens. */
  readonly ref: KeyObject;
  /** Binds CSRF tokens. */
  readonly csrf: KeyObject;
  /** Counts the cookies and rows of visitors that the key has opened. It goes on in the next ring. */
  readonly opens: OpenCount;
}

/** The key ring: the first key seals, all keys open. A ring never changes; a reload makes another one. */
export class KeyRing {
  private readonly byHint: ReadonlyMap<number, RingKey>;

  constructor(
    /** No two have the same hint. A managed ring has none while all of its keys are revoked: it opens nothing then. */
    readonly keys: readonly RingKey[],
    /** Rises with each reload that changes the ring. A cache compares it, so that nothing derived from another ring is used. */
    readonly generation: number,
  ) {
    this.byHint = new Map(keys.map((key) => [key.hint, key]));
  }

  /** The first key, which seals. Throws a SessionStateError if the ring has none. */
  get first(): RingKey {
    return sealingOf(this.keys);
  }

  /** Returns the key with that hint, or `undefined`. A hint names at most one key, so a value is never tried with all
   *  keys. */
  find(hint: number): RingKey | undefined {
    return this.byHint.get(hint);
  }

  /** Reports whether a value that this key opened should be sealed again. */
  isStale(key: RingKey): boolean {
    return key.index > 0;
  }

  /** Keeps the keys out of `JSON.stringify`. */
  toJSON(): object {
    return { keys: this.keys.length, generation: this.generation };
  }

  /** Keeps the keys out of `util.inspect` and `console.log`. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `KeyRing { keys: ${this.keys.length}, generation: ${this.generation} }`;
  }
}

/** Returns the key of a ring that seals. Throws a SessionStateError if there is none. */
export function sealingOf<K>([first]: readonly K[]): K {
  if (!first) throw noneLeft();
  return first;
}

const noneLeft = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'All keys of the managed ring are revoked, and no other could be made; the event keysFailed says why',
  );
