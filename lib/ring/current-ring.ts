import type { KeyRingFactory } from '../crypto/key-ring-factory.js';
import type { KeyRingProvider } from '../crypto/key-ring-provider.js';
import { KeyRing, type RingKey } from '../crypto/key-ring.js';
import type { KeyRow } from '../stores/key-row-store.interface.js';
import { sealingKey } from './ring-plan.js';
import type { OpenedRow } from './ring-rows.js';

export interface CurrentRingParts {
  /** Makes the ring of the keys. */
  readonly maker: KeyRingFactory;
  /** The secrets of `crypto.secrets`. */
  readonly secrets: KeyRingProvider;
  /** Their keys belong to the ring, too. */
  readonly adopts: boolean;
  /** Nothing is sealed, so the ring needs no key that seals. */
  readonly onlyLooks: boolean;
}

/** The ring of keys that seals and opens in this process. It is exchanged as a whole, and only if its keys are others. */
export class CurrentRing {
  private current: KeyRing | undefined;
  /** Rises with each ring. */
  private generation = 0;

  constructor(private readonly parts: CurrentRingParts) {}

  /** `undefined` until the rows were read for the first time. */
  get ring(): KeyRing | undefined {
    return this.current;
  }

  get hints(): number[] {
    return this.keys.map(({ hint }) => hint);
  }

  private get keys(): readonly RingKey[] {
    return this.current?.keys ?? [];
  }

  /** Makes the ring of rows: the sealing key first, then those that come next. Wipes all bytes. The ring stays while no key may seal. */
  async make(opened: readonly OpenedRow[]): Promise<void> {
    const { maker, adopts, onlyLooks } = this.parts;
    const first = sealingKey(opened.map(({ row }) => row));
    const rank = (row: KeyRow) => (row === first ? 0 : row.state === 'published' ? 1 : 2);
    const ordered = opened.toSorted((a, b) => rank(a.row) - rank(b.row));
    try {
      if (!first && !adopts && !onlyLooks) return;
      const secrets = ordered.map(({ key: { bytes } }) => ({ kind: 'raw', bytes }) as const);
      const keys = secrets.length ? (await maker.make(secrets)).keys : [];
      this.take(adopts ? this.withSecrets(keys, first !== undefined) : keys);
    } finally {
      for (const { key } of opened) key.bytes.fill(0);
    }
  }

  /** Takes keys out of the ring. The next key seals in the place of the first. */
  forsake(hints: readonly number[]): void {
    const left = this.keys.filter(({ hint }) => !hints.includes(hint));
    if (left.length < this.keys.length) this.take(left);
  }

  /** Lets another key of the ring seal. Returns `false` if it seals already, or is not in the ring. */
  promote(hint: number): boolean {
    const first = this.keys.find((key) => key.hint === hint);
    if (!first?.index) return false;
    this.take([first, ...this.keys.filter((key) => key !== first)]);
    return true;
  }

  /** Returns the keys, and those of `crypto.secrets`, which have sealed sessions before. They seal until a key of the ring
   *  does. */
  private withSecrets(own: readonly RingKey[], seals: boolean): RingKey[] {
    const { keys } = this.parts.secrets.ring;
    const others = keys.filter(({ hint }) => !own.some((key) => key.hint === hint));
    return seals ? [...own, ...others] : [...others, ...own];
  }

  /** Keeps the ring if it has these keys: another one would end the epoch and empty the caches. */
  private take(keys: readonly RingKey[]): void {
    const before = this.current?.keys;
    const isSame = ({ ref, retiring }: RingKey, i: number) =>
      ref === before?.[i]?.ref && retiring === before[i]!.retiring;
    if (before?.length === keys.length && keys.every(isSame)) return;
    const placed = keys.map((key, index) => ({ ...key, index }));
    this.current = new KeyRing(placed, ++this.generation);
  }
}
