import type { LineLimit as Limit } from '../errors/log-lines.js';

/** Kinds that are counted apart at one time; all further ones of a line count as one. */
const MAX_KINDS = 100;

interface Rate {
  /** Lines that are written in one {@link window}. */
  readonly lines: number;
  readonly window: number;
  readonly words: string;
}

const RATES: Readonly<Record<Exclude<Limit, 'always'>, Rate>> = {
  minute: { lines: 5, window: 60_000, words: 'in the last minute' },
  tenMinutes: { lines: 1, window: 600_000, words: 'in the last ten minutes' },
};

/** How time passes. The timers keep no process alive. */
export interface LineClock {
  /** Returns milliseconds of a clock that nobody sets. */
  now(): number;
  later(milliseconds: number, run: () => void): void;
}

const SYSTEM: LineClock = {
  now: () => performance.now(),
  later: (milliseconds, run) => void setTimeout(run, milliseconds).unref(),
};

/** Writes a line. `left` is the number of lines of its kind that were left out before it; `words` says since when. */
type Write = (left: number, words: string) => void;

/** The lines of one kind since a moment. */
interface Window {
  readonly since: number;
  readonly rate: Rate;
  lines: number;
  left: number;
  write: Write;
}

/** Limits log lines that strangers can cause by their requests, so that nobody fills a disk or hides a line among others. What was
 *  left out is told in one line when the time is over, also if no other line comes. */
export class LineLimit {
  private readonly windows = new Map<string, Window>();

  constructor(readonly clock: LineClock = SYSTEM) {}

  /** Writes a line, or counts it. Lines of one `name` and `kind` are counted together. */
  write(name: string, kind: string, limit: Limit, write: Write): void {
    if (limit === 'always') return write(0, '');
    const rate = RATES[limit];
    const known = this.keyOf(name, `${name} ${kind}`);
    const window = this.windowOf(known, rate, write);
    window.write = write;
    if (window.lines < rate.lines) {
      window.lines++;
      return write(0, '');
    }
    if (window.left++) return;
    this.clock.later(window.since + rate.window - this.clock.now(), () => this.end(known, window));
  }

  /** Tells now what was left out: the application ends. */
  close(): void {
    for (const { left, write } of this.windows.values()) if (left) write(left, 'since then');
    this.windows.clear();
  }

  /** Where too many kinds are counted, those that are over are forgotten, and the rest of a line counts as one kind. */
  private keyOf(name: string, kind: string): string {
    if (this.windows.has(kind) || this.windows.size < MAX_KINDS) return kind;
    const now = this.clock.now();
    for (const [key, { since, rate, left }] of this.windows)
      if (!left && now - since >= rate.window) this.windows.delete(key);
    return this.windows.size < MAX_KINDS ? kind : name;
  }

  private windowOf(kind: string, rate: Rate, write: Write): Window {
    const present = this.windows.get(kind);
    const now = this.clock.now();
    if (present && (present.left || now - present.since < rate.window)) return present;
    const begun = { since: now, rate, lines: 0, left: 0, write };
    this.windows.set(kind, begun);
    return begun;
  }

  /** Tells what was left out. The line counts in the next window. */
  private end(kind: string, window: Window): void {
    if (this.windows.get(kind) !== window) return; // closed meanwhile
    const { rate, left, write } = window;
    this.windows.set(kind, { since: this.clock.now(), rate, lines: 1, left: 0, write });
    write(left, rate.words);
  }
}
