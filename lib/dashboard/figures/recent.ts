/** Keeps the last few of something. */
export class Recent<T> {
  private kept: readonly T[] = [];

  constructor(private readonly most: number) {}

  /** Adds one in the place of all that are the `same`. */
  add(one: T, same: (other: T) => boolean = () => false): void {
    this.kept = [one, ...this.kept.filter((other) => !same(other))].slice(0, this.most);
  }

  /** The last one first. */
  all(): readonly T[] {
    return this.kept;
  }
}
