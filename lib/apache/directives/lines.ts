/** One line of configuration after continuation lines were joined. */
export interface LogicalLine {
  /** The physical line where it begins, from 1. */
  readonly line: number;
  /** Without blanks at either end. */
  readonly text: string;
  /** Longer than {@link MAX_LINE}: `text` is not all of it. */
  readonly tooLong: boolean;
}

/** Characters of one logical line; httpd's own limit for `.htaccess` and for passphrase files. */
export const MAX_LINE = 8_191;

/** Joins physical lines that end in a backslash, comments too: ap_cfg_getline_core and cfg_trim_line, server/util.c. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let joined = new Joined(1);
  let number = 0;
  for (let start = 0; start < text.length;) {
    number++;
    const newline = text.indexOf('\n', start);
    const last = newline < 0;
    const piece = text.slice(start, last ? text.length : newline);
    start = last ? text.length : newline + 1;
    joined.push(last ? piece : withoutReturn(piece));
    if (!last && joined.continues()) continue;
    yield joined.end();
    joined = new Joined(number + 1);
  }
  if (!joined.empty) yield joined.end();
}

/** The pieces of one logical line. No more is kept than may stand there. */
class Joined {
  private readonly pieces: string[] = [];
  private length = 0;

  constructor(private readonly line: number) {}

  get empty(): boolean {
    return this.length === 0;
  }

  push(piece: string): void {
    if (piece)
      this.pieces.push(
        this.length > MAX_LINE ? piece.slice(-1) : piece.slice(0, MAX_LINE + 1) + lastOf(piece),
      );
    this.length += piece.length;
  }

  /** Takes the backslash away that asks for the next line. */
  continues(): boolean {
    const last = this.pieces.at(-1);
    if (!last?.endsWith('\\')) return false;
    this.pieces.pop();
    if (last.length > 1) this.pieces.push(last.slice(0, -1));
    return true;
  }

  end(): LogicalLine {
    const tooLong = this.length > MAX_LINE;
    return { line: this.line, text: tooLong ? '' : trim(this.pieces.join('')), tooLong };
  }
}

/** A cut piece still ends as the whole one does. */
const lastOf = (piece: string) => (piece.length > MAX_LINE + 1 ? piece.slice(-1) : '');

const withoutReturn = (piece: string) => (piece.endsWith('\r') ? piece.slice(0, -1) : piece);

/** What httpd's isspace knows; JavaScript's `trim` takes more. */
export const isBlank = (character: string | undefined) =>
  character !== undefined && ' \t\n\v\f\r'.includes(character);

export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}
