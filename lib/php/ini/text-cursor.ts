/** A place in a text, and the lines up to it: `\n`, `\r` and `\r\n` each end one. */
export class TextCursor {
  at = 0;
  private counted = 0;
  private lines = 1;

  constructor(readonly text: string) {}

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; `undefined` at the end. */
  get next(): string | undefined {
    return this.text[this.at];
  }

  /** The line, from 1. */
  get line(): number {
    for (; this.counted < this.at; this.counted++) {
      const one = this.text[this.counted];
      if (one === '\n' || (one === '\r' && this.text[this.counted + 1] !== '\n')) this.lines++;
    }
    return this.lines;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Passes what a sticky pattern matches here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match ?? undefined;
  }

  /** Passes all that a sticky pattern matches, again and again; a pattern with a limit needs no deep stack. */
  run(pattern: RegExp): string {
    const from = this.at;
    while (this.take(pattern));
    return this.text.slice(from, this.at);
  }

  /** Passes the text up to a mark and the mark; `undefined`, and nothing is passed, when it is not there. */
  until(mark: string): string | undefined {
    const end = this.text.indexOf(mark, this.at);
    if (end < 0) return undefined;
    const passed = this.text.slice(this.at, end);
    this.at = end + mark.length;
    return passed;
  }
}
