/** One line of configuration after its continuation lines were joined. */
export interface LogicalLine {
  /** The physical line at which it begins, from 1. */
  readonly line: number;
  /** Without blanks at either end. Empty if the line is too long. */
  readonly text: string;
  /** True if the line is longer than {@link MAX_LINE}. */
  readonly tooLong: boolean;
}

/** Maximum length of a logical line in characters. httpd has the same limit for `.htaccess` and for passphrase files. */
export const MAX_LINE = 8_191;

/** The character that a decoder puts in the place of bytes that are not UTF-8. */
export const LOST_BYTES = '\ufffd';

/** Splits a text into logical lines. A backslash at the end of a line joins the next line, in comments too: see httpd's
 *  server/util.c, ap_cfg_getline_core and cfg_trim_line. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let buffer = new LineBuffer(1);
  let number = 0;
  for (let start = 0; start < text.length;) {
    number++;
    const newline = text.indexOf('\n', start);
    const isLast = newline < 0;
    const piece = text.slice(start, isLast ? text.length : newline);
    start = isLast ? text.length : newline + 1;
    buffer.push(isLast ? piece : withoutReturn(piece));
    if (!isLast && buffer.takeContinuation()) continue;
    yield buffer.end();
    buffer = new LineBuffer(number + 1);
  }
  if (!buffer.empty) yield buffer.end();
}

/** The pieces of one logical line. It keeps no more characters than a line may have, so a text of many continuation lines
 *  stays cheap. */
class LineBuffer {
  private readonly pieces: string[] = [];
  private length = 0;

  constructor(private readonly line: number) {}

  get empty(): boolean {
    return this.length === 0;
  }

  /** Adds a physical line without its end. Beyond the limit, only the last character is kept. */
  push(piece: string): void {
    if (piece)
      this.pieces.push(
        this.length > MAX_LINE ? piece.slice(-1) : piece.slice(0, MAX_LINE + 1) + lastOf(piece),
      );
    this.length += piece.length;
  }

  /** Removes a backslash at the end and returns true if there was one: the next line continues this one. */
  takeContinuation(): boolean {
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

/** The last character of a piece that is cut, so that the piece still ends in its backslash. */
const lastOf = (piece: string) => (piece.length > MAX_LINE + 1 ? piece.slice(-1) : '');

const withoutReturn = (piece: string) => (piece.endsWith('\r') ? piece.slice(0, -1) : piece);

/** True for the blanks of C's isspace, which httpd uses. JavaScript's `trim` would remove more, such as U+00A0. */
const isBlank = (character: string | undefined) =>
  character !== undefined && ' \t\n\v\f\r'.includes(character);

/** Removes blanks at both ends in linear time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}
