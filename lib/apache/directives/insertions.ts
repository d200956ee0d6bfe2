import { quoted, type Diagnostics } from './diagnostics.js';
import { logicalLines, MAX_LINE, type LogicalLine } from './lines.js';
import { Macros } from './macros.js';
import { resolvePath } from './server-root.js';

/** Returns the text of an included file, or false to leave the file out because it says nothing about sessions. `path` is
 *  absolute if there is a ServerRoot, and may hold wildcards. */
export type IncludeReader = (path: string) => string | false | undefined;

/** The deepest nesting of inserted texts, so that a file that includes itself ends. */
const MAX_DEPTH = 16;
/** The most lines that a text may insert, so that macros that use macros end. */
const MAX_LINES = 100_000;

/** The directives that insert other lines: Include, IncludeOptional, Use. The lines count as standing at the line of the
 *  directive, so their faults name that line. */
export class Insertions {
  readonly macros: Macros;
  private depth = 0;
  private total = 0;

  constructor(
    private readonly include: IncludeReader | undefined,
    private readonly diagnostics: Diagnostics,
  ) {
    this.macros = new Macros(diagnostics);
  }

  /** Passes the lines that a directive inserts to `read`. Returns false for another directive. `name` is in lower case. */
  insert({ name, words, line, serverRoot }: InsertingLine, read: (line: LogicalLine) => void): boolean {
    if (name === 'undefmacro') this.macros.remove(words[0]);
    else if (name === 'use') this.pass(this.used(words, line), line, read);
    else if (name === 'include' || name === 'includeoptional')
      this.pass(this.included(name, words, line, serverRoot), line, read);
    else return false;
    return true;
  }

  private pass(lines: Iterable<LogicalLine>, at: number, read: (line: LogicalLine) => void): void {
    if (++this.depth > MAX_DEPTH)
      this.diagnostics.addFault(at, `inserts lines that insert lines, more than ${MAX_DEPTH} levels deep`);
    else
      for (const one of lines) {
        if (++this.total > MAX_LINES) break;
        read(one);
      }
    if (this.total > MAX_LINES) this.diagnostics.addFault(at, `inserts more than ${MAX_LINES} lines`);
    this.depth--;
  }

  private used(words: readonly string[], line: number): LogicalLine[] {
    const lines = this.macros.linesOf(words, line);
    if (lines)
      return lines.map((one) => (one.text.length > MAX_LINE ? { ...one, text: '', tooLong: true } : one));
    this.diagnostics.addFault(
      line,
      `Use ${quoted(words[0] ?? '')} inserts a macro that this text does not define; add its <Macro>, or replace the line by the lines that it inserts, or remove it if they say nothing about sessions`,
    );
    return [];
  }

  private *included(
    name: string,
    words: readonly string[],
    line: number,
    serverRoot: string | undefined,
  ): Iterable<LogicalLine> {
    const [path = ''] = words;
    const text = this.include?.(resolvePath(path, serverRoot) ?? path);
    if (typeof text === 'string') for (const one of logicalLines(text)) yield { ...one, line };
    else if (text !== false)
      this.diagnostics.addFault(
        line,
        `${name === 'include' ? 'Include' : 'IncludeOptional'} ${quoted(path)} is not followed, because the reader opens no file; give the option include: (path) => the text of the file, or false to leave it out`,
      );
  }
}

/** A line that may insert others. */
interface InsertingLine {
  readonly name: string;
  readonly words: readonly string[];
  readonly line: number;
  readonly serverRoot: string | undefined;
}
