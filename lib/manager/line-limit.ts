import type { LineLimit as Limit } from '../errors/log-lines.js';

/** Kinds that are counted apart at one time; all further ones of a name count as one. */
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

/** Writes a line. `left` is the number of lines that were left out before it; `words` says since when. `isMixed` says that these were
 *  of several kinds, so that the text of one does not tell what the others were. */
type Write = (left: number, words: string, isMixed: boolean) => void;

/** The lines of one kind since a moment, or of all kinds of a name that are not counted apart. */
interface Window {
  readonly isMixed: boolean;
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

  /** Writes a line, or counts it. Lines of one `name` and `kind` are counted together. There are few names, and a name without kinds
   *  (`''`) is always counted apart. */
  write(name: string, kind: string, limit: Limit, write: Write): void {
    if (limit === 'always') return write(0, '', false);
    const rate = RATES[limit];
    const key = this.keyOf(name, kind);
    const window = this.windowOf(key, rate, write, kind !== '' && key === name);
    window.write = write;
    if (window.lines < rate.lines) {
      window.lines++;
      return write(0, '', false);
    }
    if (window.left++) return;
    this.clock.later(window.since + rate.window - this.clock.now(), () => this.end(key, window));
  }

  /** Tells now what was left out: the application ends. */
  close(): void {
    for (const { left, write, isMixed } of this.windows.values())
      if (left) write(left, 'since then', isMixed);
    this.windows.clear();
  }

  /** Where too many kinds are counted, those that are over are forgotten, and the rest of a name counts as one. */
  private keyOf(name: string, kind: string): string {
    const apart = kind && `${name} ${kind}`;
    if (!apart) return name;
    if (this.windows.has(apart) || this.windows.size < MAX_KINDS) return apart;
    for (const [key, window] of this.windows) if (this.isOver(window)) this.windows.delete(key);
    return this.windows.size < MAX_KINDS ? apart : name;
  }

  private isOver({ since, rate, left }: Window): boolean {
    return !left && this.clock.now() - since >= rate.window;
  }

  private windowOf(key: string, rate: Rate, write: Write, isMixed: boolean): Window {
    const present = this.windows.get(key);
    if (present && !this.isOver(present)) return present;
    const begun = { since: this.clock.now(), rate, lines: 0, left: 0, write, isMixed };
    this.windows.set(key, begun);
    return begun;
  }

  /** Tells what was left out. The line counts in the next window. */
  private end(key: string, window: Window): void {
    if (this.windows.get(key) !== window) return; // closed meanwhile
    const { rate, left, write, isMixed } = window;
    this.windows.set(key, { ...window, since: this.clock.now(), lines: 1, left: 0 });
    write(left, rate.words, isMixed);
  }
}
