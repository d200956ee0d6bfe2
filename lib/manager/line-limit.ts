/** Lines of one kind that are written in one minute. */
const MAX_LINES = 5;
const WINDOW = 60_000;
/** Kinds that are counted apart; all further ones count as one. */
const MAX_KINDS = 100;

interface Minute {
  readonly since: number;
  lines: number;
}

/** Limits log lines that strangers can cause by their requests, so that nobody fills a disk or hides a line among others. Of
 *  each kind it writes {@link MAX_LINES} a minute; the next one that it writes tells how many it has left out. */
export class LineLimit {
  private readonly minutes = new Map<string, Minute>();

  /** @param now Milliseconds since 1970. */
  constructor(private readonly now: () => number = Date.now) {}

  /** Writes `message`, or leaves it out. */
  write(kind: string, message: string, write: (line: string) => void): void {
    const known = this.minutes.has(kind) || this.minutes.size < MAX_KINDS ? kind : '';
    const before = this.minutes.get(known);
    if (before && isNow(before, this.now())) {
      before.lines++;
      if (before.lines < MAX_LINES) write(message);
      if (before.lines === MAX_LINES) write(`${message} (more lines like this are left out for a minute)`);
      return;
    }
    this.minutes.set(known, { since: this.now(), lines: 1 });
    const left = (before?.lines ?? 0) - MAX_LINES;
    write(left > 0 ? `${message} (${left} lines like this were left out)` : message);
  }
}

/** A clock that was set back begins a new minute. */
const isNow = ({ since }: Minute, now: number): boolean => now >= since && now - since < WINDOW;
