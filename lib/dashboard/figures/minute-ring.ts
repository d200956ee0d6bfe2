const MINUTE = 60_000;

/** Counts in slots of a minute. The oldest slot is used again, so the memory is fixed from the beginning. */
export class MinuteRing<C extends string> {
  private readonly cells: Uint32Array;
  private readonly places: ReadonlyMap<C, number>;
  private newest: number;

  /** `now` returns milliseconds of a clock that nobody sets. */
  constructor(
    columns: readonly C[],
    readonly minutes: number,
    private readonly now: () => number,
  ) {
    this.places = new Map(columns.map((column, i) => [column, i * minutes]));
    this.cells = new Uint32Array(columns.length * minutes);
    this.newest = Math.floor(now() / MINUTE);
  }

  /** Adds to the count of this minute. A name that is no column counts nowhere. */
  add(column: C, amount = 1): void {
    const place = this.places.get(column);
    if (place !== undefined) this.cells[place + this.slot()]! += amount;
  }

  /** Replaces the count of this minute. */
  set(column: C, value: number): void {
    const place = this.places.get(column);
    if (place !== undefined) this.cells[place + this.slot()] = value;
  }

  /** Returns the sum of the last `minutes`, this one included. */
  sum(column: C, minutes: number = this.minutes): number {
    return this.values(column, minutes).reduce((total, one) => total + one, 0);
  }

  /** Returns the counts of groups of `width` minutes, the oldest first. `join` makes one value of a group. */
  groups(column: C, width: number, join: (values: readonly number[]) => number = sumOf): number[] {
    const values = this.values(column, this.minutes);
    return Array.from({ length: Math.floor(this.minutes / width) }, (_, i) =>
      join(values.slice(i * width, (i + 1) * width)),
    );
  }

  private values(column: C, minutes: number): number[] {
    const place = this.places.get(column)!;
    const end = this.slot() + this.minutes;
    return Array.from(
      { length: minutes },
      (_, i) => this.cells[place + ((end - minutes + 1 + i) % this.minutes)]!,
    );
  }

  /** Returns the slot of this minute. Clears those that were passed over since the last call. */
  private slot(): number {
    const minute = Math.floor(this.now() / MINUTE);
    const first = Math.max(this.newest + 1, minute - this.minutes + 1);
    for (let one = first; one <= minute; one++) this.clear(one % this.minutes);
    this.newest = Math.max(this.newest, minute);
    return this.newest % this.minutes;
  }

  private clear(slot: number): void {
    for (const place of this.places.values()) this.cells[place + slot] = 0;
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
