import { quote, type Diagnostics, type Place } from './diagnostics.js';
import type { Entry } from './entry.interface.js';
import { IniValueReader } from './ini-value-reader.js';
import { IniStop } from './ini-value.js';
import { IniVariables, UNCERTAIN } from './ini-variables.js';
import type { PhpVersion } from './php-version.js';
import { TextCursor } from './text-cursor.js';

const SPACE = /[ \t]{1,4096}/y;
const NEWLINE = /\r\n|\r|\n/y;
const COMMENT = /;/y;
const REST = /[^\r\n]{1,4096}/y;
/** Blanks before a bracket. PHP takes them for the name of a directive with a key, unless one of them is a tab. */
const BLANK_NAME = / {1,4096}\[/y;
/** Blanks before a name, which belong to it, so that PHP takes no such name for a value. */
const INDENT = / {1,4096}(?=[^ =\n\r\t;&|^$~(){}!"[])/y;
/** The text in the brackets of a section or a key. The limits keep the stack of the regular expression engine small. */
const IN_BRACKETS =
  /(?:[^\]\r\n;'"\\$]|\\[^]|\$[^{]|'[^']{1,4096}'|"[^"\\$]{0,4096}"|\$\{[^=\n\r\t;&|^$~(){}!"[]{1,200}\}){0,4096}/;
const SECTION = new RegExp(`\\[(${IN_BRACKETS.source})\\][ \\t]{0,4096}`, 'y');
/** A key in brackets, if `=` follows it. */
const OFFSET = new RegExp(`${SECTION.source}(?==)`, 'y');
/** The characters of a name. Blanks inside of a name belong to it. */
const LABEL = /[^=\n\r\t;&|^$~(){}!"[]{1,4096}/y;
/** The words that PHP's scanner reads as values also where a name is expected. */
const KEYWORD = /^(?:true|on|yes|false|off|no|none|null)$/i;
/** The middle of a fault about a place that PHP cannot read. */
const STOPS = 'so PHP stops reading there, and the lines after it have no effect';
const SETTING_LINE = 'write session.NAME = VALUE';

/** Reads the directives of a php.ini in their order, each with its line. Adds a fault for each place that PHP cannot
 *  read. The rules are those of PHP's scanner and parser (Zend/zend_ini_scanner.l, Zend/zend_ini_parser.y):
 *
 *      ; comment
 *      [section]
 *      name = value
 *      name[key] = value */
export class IniScanner {
  private readonly cursor: TextCursor;
  private readonly variables: IniVariables;
  private readonly entries: Entry[] = [];
  /** True if there is a zero byte. Only the text before it is read. */
  private readonly cut: boolean;
  /** The last section `[HOST=…]` or `[PATH=…]`. The directives after it are valid only for that host or path. */
  private special: string | undefined;

  constructor(
    text: string,
    env: Readonly<Record<string, string | undefined>>,
    private readonly version: PhpVersion,
    private readonly diagnostics: Diagnostics,
  ) {
    const [readable, ...rest] = text.replace(/^\uFEFF/, '').split('\0', 2);
    this.cursor = new TextCursor(readable!);
    this.cut = rest.length > 0;
    this.variables = new IniVariables(env);
  }

  /** Reads on after a fault where it can, so that all faults are reported at once. */
  scan(): readonly Entry[] {
    const { cursor } = this;
    while (!cursor.ended) {
      const place = this.place();
      const stop = this.readStatement(place);
      if (stop) this.diagnostics.addFault(place, `${stop.problem}, ${STOPS}; ${stop.remedy}`);
      if (stop?.fatal) return this.entries;
      if (stop) cursor.run(REST);
    }
    if (this.cut)
      this.diagnostics.addFault(
        this.place(),
        'has a zero byte, at which PHP stops or misreads what follows; remove it',
      );
    return this.entries;
  }

  private place(): Place {
    const { line } = this.cursor;
    return { at: `php.ini line ${line}`, order: line };
  }

  /** Reads one blank, newline, comment, section or directive. */
  private readStatement(place: Place): IniStop | undefined {
    const { cursor } = this;
    if (cursor.sees(BLANK_NAME)) return new IniStop('has a blank before [', 'begin the line with [');
    const indented = cursor.take(INDENT) !== undefined;
    if (cursor.take(NEWLINE) || cursor.take(SPACE)) return undefined;
    if (cursor.take(COMMENT)) return void cursor.run(REST);
    if (cursor.next === '[') return this.readSection();
    const label = withoutBlanks(cursor.run(LABEL));
    if (KEYWORD.test(label) && !indented && cursor.next !== '[' && !cursor.ended)
      return new IniStop(
        `has ${label} as a name`,
        'write another name, because PHP reads this one as a value',
      );
    if (label) return this.readDirective(label, place);
    return new IniStop(
      `has ${quote(cursor.next!)} where a name is expected`,
      'write NAME = VALUE, or begin a comment with ;',
    );
  }

  /** Reads the head of a section. Only `[HOST=…]` and `[PATH=…]` change the meaning of the directives after them, up to the
   *  end of the file: in PHP 8 the head of an ordinary section does not end them. */
  private readSection(): IniStop | undefined {
    const match = this.cursor.take(SECTION);
    if (!match)
      return new IniStop(
        'has [ without ] after it, or with a quote or a semicolon in between',
        'write [NAME]',
        true,
      );
    const name = match[1]!.replaceAll(/["']/g, '');
    if (/^(?:HOST|PATH)[^]/i.test(name)) this.special = name;
    return undefined;
  }

  /** Reads a directive from the end of its name on. */
  private readDirective(label: string, place: Place): IniStop | undefined {
    const { cursor } = this;
    const offset = cursor.next === '[' ? cursor.take(OFFSET) : undefined;
    const name = offset ? `${label}[${offset[1]!.replaceAll(/["']/g, '')}]` : label;
    cursor.run(SPACE);
    if (cursor.next !== '=') return this.endWithoutValue(name, place);
    cursor.at++;
    const value = new IniValueReader(cursor, this.variables, this.version).read();
    if (value instanceof IniStop)
      return new IniStop(`${quote(name)} ${value.problem}`, value.remedy, value.fatal);
    if (this.special === undefined) this.variables.set(name, value.uncertain ? UNCERTAIN : value.text);
    return this.keep({ name, place, ...value });
  }

  /** Handles a name without `=`, which PHP ignores unless a character in it stops the scanner. */
  private endWithoutValue(name: string, place: Place): IniStop | undefined {
    const { next } = this.cursor;
    if (next !== undefined && '&|^$~(){}!"['.includes(next))
      return new IniStop(`has ${quote(next)} in a name`, 'write NAME = VALUE, and put the value in quotes');
    if (isAboutSessions(name))
      this.diagnostics.addFault(place, `${quote(name)} has no =, so PHP ignores the line; ${SETTING_LINE}`);
    return undefined;
  }

  /** Keeps an entry. Adds a fault for a session setting that PHP would ignore, or use for one host or path only. */
  private keep(entry: Entry): undefined {
    const { name, place } = entry;
    if (!isAboutSessions(name)) return this.keepOther(entry);
    if (!/^session\./i.test(name))
      return void this.diagnostics.addFault(
        place,
        `${quote(name)} is no setting of php.ini, so PHP ignores it; ${SETTING_LINE}`,
      );
    if (this.special === undefined) return void this.entries.push(entry);
    this.diagnostics.addFault(
      place,
      `${quote(name)} ${validOnlyIn(this.special)}, or set it for that host or path in the option contexts`,
    );
    return undefined;
  }

  /** Keeps an entry of another extension. Those of one host or path do not matter, unless they are about sessions in Redis. */
  private keepOther(entry: Entry): undefined {
    const { special } = this;
    if (special === undefined) this.entries.push(entry);
    else if (entry.name.startsWith('redis.session.')) this.entries.push({ ...entry, section: special });
    return undefined;
  }
}

/** Returns what to do about a setting that comes after such a section, without the setting's name. */
export const validOnlyIn = (section: string): string =>
  `comes after the section ${quote(`[${section}]`)}, which lasts to the end of the file, so it is valid only there; move it above that section`;

/** Reports whether a name is meant as a session setting. Names of other extensions that contain `session.` are not, nor
 *  is a line that was meant as a comment. */
const isAboutSessions = (name: string) => /^(?![#/]).{0,100}?(?<![\w.])session\.\w/i.test(name);

/** Removes blanks at the end. A loop, because a pattern for it would take quadratic time. */
function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}
