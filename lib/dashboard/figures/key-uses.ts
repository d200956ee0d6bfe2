/** Keys that are remembered at most. Hints of opened values are those of our own ring, so no stranger can fill it. */
const MOST = 32;

/** What one key has opened. */
export interface KeyUse {
  readonly hint: string;
  readonly opens: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
}

/** Counts what each key of the ring has opened, and remembers when it did so last. */
export class KeyUses {
  private readonly uses = new Map<string, KeyUse>();

  /** The key with this hint has opened something. Where there are too many, the one that was used longest ago is forgotten. */
  add(hint: string, now: number): void {
    const opens = this.uses.get(hint)?.opens ?? 0;
    if (!opens && this.uses.size >= MOST) this.uses.delete(this.oldest());
    this.uses.set(hint, { hint, opens: opens + 1, lastAt: now });
  }

  find(hint: string): KeyUse | undefined {
    return this.uses.get(hint);
  }

  /** All keys that opened something, the last used first. */
  all(): KeyUse[] {
    return [...this.uses.values()].toSorted((a, b) => b.lastAt - a.lastAt);
  }

  private oldest(): string {
    return this.all().at(-1)!.hint;
  }
}
