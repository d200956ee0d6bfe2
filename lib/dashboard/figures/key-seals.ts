/** Keys that are remembered at most. */
const MOST = 32;

/** When one key was the sealing one last. */
export interface KeySeal {
  readonly hint: string;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
}

/** Remembers when each key sealed last, for what nobody has opened since. */
export class KeySeals {
  /** The last moment of each key, the oldest first. */
  private readonly moments = new Map<string, number>();
  private sealing: readonly string[] = [];

  /** Notes the hints of the keys that seal now. A key that sealed at the last look may have done so until now. */
  look(sealing: readonly string[], now: number): void {
    for (const hint of [...this.sealing, ...sealing]) {
      this.moments.delete(hint);
      this.moments.set(hint, now);
    }
    this.sealing = sealing;
    for (const hint of [...this.moments.keys()].slice(0, -MOST)) this.moments.delete(hint);
  }

  /** All keys that have sealed, the last one first. */
  all(): KeySeal[] {
    return [...this.moments].map(([hint, lastAt]) => ({ hint, lastAt })).toReversed();
  }
}
