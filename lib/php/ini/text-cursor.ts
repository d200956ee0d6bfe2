/** A position in a text that moves forward only, and the number of its line. Each of `\n`, `\r` and `\r\n` ends a line. */
export class TextCursor {
  /** The index of the next character. */
  at = 0;
  /** The lines are counted up to this index. */
  private counted = 0;
  private lines = 1;

  constructor(readonly text: string) {}

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, which is not consumed. `undefined` at the end. */
  get next(): string | undefined {
    return this.text[this.at];
  }

  /** The number of the line, from 1. Costs time only for the characters since the last call. */
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

  /** Reports whether a sticky pattern matches here. Consumes nothing. */
  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** Consumes one match of a sticky pattern. Returns `undefined` if it does not match here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match ?? undefined;
  }

  /** Consumes matches of a sticky pattern as long as there are any, and returns their text. A pattern with a repetition
   *  limit, applied again and again, keeps the stack of the regular expression engine small. */
  run(pattern: RegExp): string {
    const from = this.at;
    while (this.take(pattern));
    return this.text.slice(from, this.at);
  }

  /** Consumes the text before a mark and the mark, and returns that text. Consumes nothing and returns `undefined` if the
   *  mark does not come. */
  until(mark: string): string | undefined {
    const end = this.text.indexOf(mark, this.at);
    if (end < 0) return undefined;
    const passed = this.text.slice(this.at, end);
    this.at = end + mark.length;
    return passed;
  }
}
