/** Hints that are counted apart at one time. */
const MAX_HINTS = 16;

/** Counts key hints that requests name. Strangers can name any, so few are remembered: a hint that comes often stays among them,
 *  however many others come (Misra and Gries, 1982). A count may be too low by the number of the others. */
export class HintTally {
  private readonly counts = new Map<string, number>();
  private all = 0;

  /** The number of hints since the last {@link clear}. */
  get total(): number {
    return this.all;
  }

  /** Adds a hint; `undefined` for what names none. */
  add(hint: string | undefined): void {
    this.all++;
    if (hint === undefined) return;
    const known = this.counts.get(hint);
    if (known !== undefined || this.counts.size < MAX_HINTS) this.counts.set(hint, (known ?? 0) + 1);
    else for (const [one, count] of this.counts) this.lower(one, count - 1);
  }

  /** Returns the hints that came most often, with their counts. */
  top(length: number): (readonly [hint: string, count: number])[] {
    return [...this.counts].toSorted(([, a], [, b]) => b - a).slice(0, length);
  }

  clear(): void {
    this.counts.clear();
    this.all = 0;
  }

  private lower(hint: string, count: number): void {
    if (count) this.counts.set(hint, count);
    else this.counts.delete(hint);
  }
}
