import { quote } from './diagnostics.js';
import { IniStop, type IniValue } from './ini-value.js';
import { IniExpression, OPERATORS } from './ini-expression.js';
import { UNCERTAIN, type IniVariables } from './ini-variables.js';
import { PHP_CONSTANTS } from './php-constants.js';
import { isSince, type PhpVersion } from './php-version.js';
import type { TextCursor } from './text-cursor.js';

const BLANKS = /[ \t]{1,4096}/y;
/** A dollar belongs to a word together with the character after it, whatever that is, unless it is a brace. */
const WORD = /(?:[^$= \t\n\r;&|^~()!"']|\$\\[^]|\$[^{]){1,4096}/y;
/** A dollar that keeps a character which would end or divide the value otherwise. */
const GREEDY_DOLLAR = /\$\\?[\s"';=&|^~()!]/;
/** A quote at the end of a line. */
const LINE_END = /'[ \t]{0,4096}(?:[;\r\n]|$)/y;
/** Text in double quotes up to the closing quote or a variable. */
const IN_QUOTES = /(?:[^"\\$]|\\(?!"(?:[\r\n]|$))[^]|\$(?!\{)){1,4096}/y;
/** The last quote of a line ends the value even after a backslash, as in `"C:\php\"`. */
const LAST_QUOTE = /\\(?=")/y;
const VARIABLE = /\$\{([^=\n\r\t;&|^$~(){}!"[]{1,200})\}/y;
const TRUE = /^(?:true|on|yes)$/i;
const FALSE = /^(?:false|off|no|none|null)$/i;

const QUOTE_VALUE = 'put the value in double quotes';
const CALCULATES = 'because PHP calculates with | & ^ ~ ! ( ) outside of quotes';
const UNCLOSED = new IniStop('has a quote that is not closed', 'close the quote', true);
const EXPRESSION = `is an expression with one of | & ^ ~ ! ( ), which is not calculated here; write its result, or ${QUOTE_VALUE}`;
const COMMENT = `ends at its semicolon, because PHP takes the rest for a comment; ${QUOTE_VALUE}, or write a blank before the comment`;

/** Reads the value that begins at the cursor, up to the end of the line or a comment, as PHP does in the state ST_VALUE
 *  (Zend/zend_ini_scanner.l). A value is a sequence of tokens, which PHP joins to one text:
 *
 *      word        text without quotes; On and None become `1` and an empty text if they are the only token
 *      "text"      may contain variables, escaped quotes and line breaks
 *      'text'      everything up to the next quote
 *      ${NAME}     a variable
 *      | & ^ ~ !   operators and parentheses: PHP calculates an expression, which this reader reports as a problem
 *
 *  A problem is a fault only in a session setting. A stop is a fault in any directive, because PHP reads nothing after
 *  it. */
export class IniValueReader {
  private text = '';
  private shown = '';
  /** The number of tokens so far. */
  private tokens = 0;
  private word: string | undefined;
  private problem: string | undefined;
  private uncertain = false;
  private readonly expression = new IniExpression();

  constructor(
    private readonly cursor: TextCursor,
    private readonly variables: IniVariables,
    private readonly version: PhpVersion,
  ) {}

  /** Reads the whole value. PHP keeps the blanks between tokens, except before a double quote, and the blanks at the end of
   *  a file without a newline. */
  read(): IniValue | IniStop {
    this.cursor.run(BLANKS);
    for (;;) {
      const blanks = this.cursor.run(BLANKS);
      const { next } = this.cursor;
      if (next === undefined || '\r\n;'.includes(next)) {
        if (next === undefined) this.add(blanks);
        return this.end();
      }
      if (next !== '"') this.add(blanks);
      if (this.cursor.startsWith("''")) return this.endAtEmptyQuotes();
      const stop = this.readToken(next);
      if (stop) return stop;
      this.tokens++;
      if (this.word !== undefined && this.tokens > 1)
        return new IniStop(`has ${this.word} beside other text`, QUOTE_VALUE);
    }
  }

  /** Returns the value. A comment that follows a word without a blank was probably meant as a part of the value. */
  private end(): IniValue | IniStop {
    const { text, shown, word, uncertain, cursor } = this;
    if (!this.expression.complete)
      return new IniStop(`ends in the middle of an expression, ${CALCULATES}`, QUOTE_VALUE);
    if (cursor.next === ';' && !/[\s=,"']/.test(cursor.text[cursor.at - 1]!)) this.problem ??= COMMENT;
    const { problem } = this;
    return {
      text,
      shown,
      ...(word !== undefined && { word }),
      ...(problem && { problem }),
      ...(uncertain && { uncertain }),
    };
  }

  /** PHP ends a value at `''`, and takes the rest of the line, from the second quote on, for a directive of its own. */
  private endAtEmptyQuotes(): IniValue | IniStop {
    this.cursor.at++;
    if (!this.cursor.sees(LINE_END))
      this.problem ??= `has '' beside other text, which PHP loses; ${QUOTE_VALUE}`;
    return this.end();
  }

  /** Reads one token, whose first character is `next`. */
  private readToken(next: string): IniStop | undefined {
    if (next === '=') return new IniStop('has = in a value without quotes', QUOTE_VALUE);
    if (OPERATORS.includes(next)) return this.readOperator(next);
    if (!this.expression.takeText())
      return new IniStop(`has text after a closed parenthesis, ${CALCULATES}`, QUOTE_VALUE);
    if (next === '"') return this.readDoubleQuoted();
    if (next === "'") return this.readSingleQuoted();
    if (this.cursor.startsWith('${')) return this.readVariable();
    const word = this.cursor.run(WORD);
    if (word) return this.addWord(word);
    return new IniStop('has a $ at the end of the file', 'put the value in single quotes');
  }

  /** Reads an operator or a parenthesis, with the blanks after it. */
  private readOperator(sign: string): IniStop | undefined {
    if (!this.expression.takeOperator(sign))
      return new IniStop(`has ${sign} where no expression can have it, ${CALCULATES}`, QUOTE_VALUE);
    this.problem ??= EXPRESSION;
    this.uncertain = true;
    this.cursor.at++;
    this.cursor.run(BLANKS);
    return undefined;
  }

  /** Adds a word without quotes. PHP makes `1` or an empty text of words such as `On` and `None`. */
  private addWord(word: string): undefined {
    const on = TRUE.test(word);
    if (!on && !FALSE.test(word)) {
      if (PHP_CONSTANTS.has(word)) {
        this.problem ??= `has ${word}, which PHP replaces by the value of its constant; write that value, or ${QUOTE_VALUE}`;
        this.uncertain = true;
      }
      if (GREEDY_DOLLAR.test(word))
        this.problem ??= 'has a $ that PHP joins with what follows; put the value in single quotes';
      return this.add(word);
    }
    this.word = word;
    this.cursor.run(BLANKS);
    return this.add(on ? '1' : '', word);
  }

  /** Reads text in single quotes, in which nothing is replaced. */
  private readSingleQuoted(): IniStop | undefined {
    this.cursor.at++;
    const text = this.cursor.until("'");
    return text === undefined ? UNCLOSED : this.add(text);
  }

  /** Reads text in double quotes. PHP drops the blanks after the closing quote. */
  private readDoubleQuoted(): IniStop | undefined {
    this.cursor.at++;
    while (this.cursor.next !== '"') {
      this.add(this.cursor.run(IN_QUOTES).replace(/\\(["\\$])/g, '$1'));
      if (this.cursor.take(LAST_QUOTE)) this.add('\\');
      if (this.cursor.next === '"') break;
      if (!this.cursor.startsWith('${')) return UNCLOSED;
      const stop = this.readVariable();
      if (stop) return stop;
    }
    this.cursor.at++;
    this.cursor.run(BLANKS);
    return undefined;
  }

  /** Reads `${NAME}`. Its value can be a secret, so that messages show the name instead. */
  private readVariable(): IniStop | undefined {
    const match = this.cursor.take(VARIABLE);
    if (!match)
      return new IniStop('has ${ without a name and } after it', 'write ${NAME}, or use single quotes', true);
    const [name, fallback] = this.nameOf(match[1]!);
    const found = this.variables.get(name);
    if (found === UNCERTAIN)
      this.problem ??= `has ${quote(match[0])}, whose value on an earlier line is an expression or a constant, which is not calculated here; write the value`;
    const value = found === UNCERTAIN ? '' : (found ?? fallback);
    if (value === undefined)
      this.problem ??= `has ${quote(match[0])}, which PHP takes for an empty text, because no earlier line and no entry of env defines it; pass it in env, or write the value`;
    if (found === UNCERTAIN || value === undefined) this.uncertain = true;
    return this.add(value ?? '', match[0]);
  }

  /** Returns the name and, since PHP 8.3, the text after `:-` for a variable that is not defined. */
  private nameOf(inner: string): [string, string | undefined] {
    const split = isSince(this.version, '8.4') ? inner.indexOf(':-') : -1;
    return split < 0 ? [inner.trim(), undefined] : [inner.slice(0, split).trim(), inner.slice(split + 2)];
  }

  /** Adds text to the value. `shown` is the text that messages may show in its place. */
  private add(text: string, shown = text): undefined {
    this.text += text;
    this.shown += shown;
  }
}
