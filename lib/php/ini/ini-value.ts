import type { IniVariables } from './ini-variables.js';
import { say } from './notes.js';
import { PHP_CONSTANTS } from './php-constants.js';
import { isSince, type PhpVersion } from './php-version.js';
import type { TextCursor } from './text-cursor.js';

const BLANKS = /[ \t]{1,4096}/y;
const WORD = /(?:[^$= \t\n\r;&|^~()!"']|\$(?=[^\s\\${}"';=&|^~()!])){1,4096}/y;
const IN_QUOTES = /(?:[^"\\$]|\\(?!"(?:[\r\n]|$))[^]|\$(?!\{)){1,4096}/y;
/** The last quote of a line ends the value though a backslash stands before it, as in `"C:\php\"`. */
const LAST_QUOTE = /\\(?=")/y;
const VARIABLE = /\$\{([^=\n\r\t;&|^$~(){}!"[\]]{1,200})\}/y;
const OPERATOR = /[&|^~()!]/y;
const TRUE = /^(?:true|on|yes)$/i;
const FALSE = /^(?:false|off|no|none|null)$/i;

export interface IniValue {
  readonly text: string;
  readonly shown: string;
  readonly word?: string;
  readonly problem?: string;
}

/** Where PHP would stop reading. `fatal`: nothing behind it can be told apart. */
export class IniStop {
  constructor(
    readonly why: string,
    readonly fatal = false,
  ) {}
}

const UNCLOSED = new IniStop('has a quote that is not closed', true);
const EXPRESSION =
  'is an expression, with one of | & ^ ~ ! ( ), which is not worked out here; write the value, or put it in quotes';
const COMMENT =
  'ends at its semicolon, since PHP takes the rest for a comment; put the value in quotes, or a blank before the comment';

/** Reads the value that begins at the cursor, up to the line's end or a comment, as PHP does: Zend/zend_ini_scanner.l,
 *  state ST_VALUE. */
export class IniValueReader {
  private text = '';
  private shown = '';
  private tokens = 0;
  private word: string | undefined;
  private problem: string | undefined;

  constructor(
    private readonly cursor: TextCursor,
    private readonly variables: IniVariables,
    private readonly version: PhpVersion,
  ) {}

  read(): IniValue | IniStop {
    this.cursor.run(BLANKS);
    for (;;) {
      const blanks = this.cursor.run(BLANKS);
      const { next } = this.cursor;
      if (next === undefined || '\r\n;'.includes(next)) return this.end();
      if (next !== '"') this.add(blanks);
      const stop = this.token(next);
      if (stop) return stop;
      this.tokens++;
      if (this.word !== undefined && this.tokens > 1)
        return new IniStop(`has ${this.word} beside other text`);
    }
  }

  private end(): IniValue {
    const { text, shown, word, cursor } = this;
    if (cursor.next === ';' && !/[\s=,"']/.test(cursor.text[cursor.at - 1]!)) this.problem ??= COMMENT;
    const { problem } = this;
    return { text, shown, ...(word !== undefined && { word }), ...(problem && { problem }) };
  }

  private token(next: string): IniStop | undefined {
    if (next === '"') return this.quoted();
    if (next === "'") return this.raw();
    if (next === '=') return new IniStop('has = in a value without quotes');
    if (this.cursor.startsWith('${')) return this.variable();
    if (this.cursor.take(OPERATOR)) return void (this.problem ??= EXPRESSION);
    const word = this.cursor.run(WORD);
    return word ? this.bare(word) : new IniStop('has a $ that PHP joins with what follows');
  }

  private bare(word: string): undefined {
    const on = TRUE.test(word);
    if (!on && !FALSE.test(word)) {
      if (PHP_CONSTANTS.has(word))
        this.problem ??= `has ${word}, which PHP replaces by its constant; write the value, or put it in quotes`;
      return this.add(word);
    }
    this.word = word;
    return this.add(on ? '1' : '', word);
  }

  private raw(): IniStop | undefined {
    this.cursor.at++;
    const text = this.cursor.until("'");
    if (text === undefined) return UNCLOSED;
    if (text === '') this.word = "''"; // PHP loses what follows it
    return this.add(text);
  }

  private quoted(): IniStop | undefined {
    this.cursor.at++;
    while (this.cursor.next !== '"') {
      this.add(this.cursor.run(IN_QUOTES).replace(/\\(["\\$])/g, '$1'));
      if (this.cursor.take(LAST_QUOTE)) this.add('\\');
      if (this.cursor.next === '"') break;
      if (!this.cursor.startsWith('${')) return UNCLOSED;
      const stop = this.variable();
      if (stop) return stop;
    }
    this.cursor.at++;
    this.cursor.run(BLANKS);
    return undefined;
  }

  private variable(): IniStop | undefined {
    const match = this.cursor.take(VARIABLE);
    if (!match) return new IniStop('has a ${ without a name and a } behind it', true);
    const [name, fallback] = this.nameOf(match[1]!);
    const value = this.variables.get(name) ?? fallback;
    if (value === undefined)
      this.problem ??= `has ${say(match[0])}, which nothing above it and nothing in env defines; PHP takes it for empty`;
    return this.add(value ?? '', match[0]);
  }

  /** From 8.3 on `${NAME:-text}` gives a text for what is not defined. */
  private nameOf(inner: string): [string, string | undefined] {
    const split = isSince(this.version, '8.4') ? inner.indexOf(':-') : -1;
    return split < 0 ? [inner.trim(), undefined] : [inner.slice(0, split).trim(), inner.slice(split + 2)];
  }

  private add(text: string, shown = text): undefined {
    this.text += text;
    this.shown += shown;
  }
}
