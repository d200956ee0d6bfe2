import type { Entry } from './entry.interface.js';
import { IniStop, IniValueReader } from './ini-value.js';
import { IniVariables } from './ini-variables.js';
import { say, type Notes, type Place } from './notes.js';
import type { PhpVersion } from './php-version.js';
import { TextCursor } from './text-cursor.js';

const SPACE = /[ \t]{1,4096}/y;
const NEWLINE = /\r\n|\r|\n/y;
const COMMENT = /;/y;
const REST = /[^\r\n]{1,4096}/y;
const SECTION = /\[([^\]\r\n;'"]{0,4096})\]|\["([^"\r\n\\$]{0,4096})"\]/y;
const LABEL = /[^=\n\r\t;&|^$~(){}!"[]{1,4096}/y;
const OFFSET = /\[([^\]\r\n;'"]{0,4096})\][ \t]{0,4096}(?==)|\["([^"\]\r\n]{0,4096})"\][ \t]{0,4096}(?==)/y;
const KEYWORD = /^(?:true|on|yes|false|off|no|none|null)$/i;
const LOST = 'PHP stops reading there, or takes what follows for something else';

/** The directives of a php.ini, in their order, each with its line. What PHP cannot read is a fault. */
export class IniScanner {
  private readonly cursor: TextCursor;
  private readonly variables: IniVariables;
  private readonly entries: Entry[] = [];
  /** There is a zero byte, and only what stands before it is read. */
  private readonly cut: boolean;
  /** `[HOST=…]` or `[PATH=…]`, whose directives hold there only. */
  private special: string | undefined;

  constructor(
    text: string,
    env: Readonly<Record<string, string | undefined>>,
    private readonly version: PhpVersion,
    private readonly notes: Notes,
  ) {
    const [readable, ...rest] = text.replace(/^\uFEFF/, '').split('\0', 2);
    this.cursor = new TextCursor(readable!);
    this.cut = rest.length > 0;
    this.variables = new IniVariables(env);
  }

  scan(): readonly Entry[] {
    const { cursor } = this;
    while (!cursor.ended) {
      const place = this.place();
      const stop = this.statement(place);
      if (stop) this.notes.fault(place, `${stop.why}; ${LOST}`);
      if (stop?.fatal) return this.entries;
      if (stop) cursor.run(REST);
    }
    if (this.cut) this.notes.fault(this.place(), `has a zero byte; ${LOST}`);
    return this.entries;
  }

  private place(): Place {
    const { line } = this.cursor;
    return { at: `php.ini line ${line}`, order: line };
  }

  /** One blank, newline, comment, section or directive. */
  private statement(place: Place): IniStop | undefined {
    const { cursor } = this;
    if (cursor.take(NEWLINE) || cursor.take(SPACE)) return undefined;
    if (cursor.take(COMMENT)) return void cursor.run(REST);
    if (cursor.next === '[' && cursor.text[cursor.at - 1] !== ' ') return this.section();
    const label = withoutBlanks(cursor.run(LABEL));
    if (!label) return new IniStop(`has ${say(cursor.next!)} where a name is expected`);
    return this.directive(label, place);
  }

  private section(): IniStop | undefined {
    const match = this.cursor.take(SECTION);
    if (!match) return new IniStop('has a [ that no ] ends, or a quote or a semicolon in between', true);
    const name = match[1] ?? match[2]!;
    this.special = /^(?:HOST|PATH)/i.test(name) ? name : undefined;
    return undefined;
  }

  private directive(label: string, place: Place): IniStop | undefined {
    const { cursor } = this;
    const offset = cursor.next === '[' ? cursor.take(OFFSET) : undefined;
    const name = offset ? `${label}[${offset[1] ?? offset[2]}]` : label;
    cursor.run(SPACE);
    if (KEYWORD.test(name) && !cursor.ended) return new IniStop(`has ${name} as a name`);
    if (cursor.next !== '=') return this.withoutValue(name, place);
    cursor.at++;
    const value = new IniValueReader(cursor, this.variables, this.version).read();
    if (value instanceof IniStop) return new IniStop(`${say(name)} ${value.why}`, value.fatal);
    this.variables.set(name, value.text);
    return this.keep({ name, place, ...value });
  }

  private withoutValue(name: string, place: Place): IniStop | undefined {
    const { next } = this.cursor;
    if (next !== undefined && '&|^$~(){}!"['.includes(next)) return new IniStop(`has ${say(next)} in a name`);
    if (isAboutSessions(name))
      this.notes.fault(place, `${say(name)} has no =, and PHP ignores it; write NAME = VALUE`);
    return undefined;
  }

  private keep(entry: Entry): undefined {
    const { name, place } = entry;
    if (!isAboutSessions(name)) return void (this.special === undefined && this.entries.push(entry));
    if (!/^session\./i.test(name))
      return void this.notes.fault(
        place,
        `${say(name)} is no directive of php.ini; write session.NAME = VALUE`,
      );
    if (this.special === undefined) return void this.entries.push(entry);
    this.notes.fault(
      place,
      `${say(name)} stands in ${say(`[${this.special}]`)} and holds only there; take it out, and write a context for that place`,
    );
    return undefined;
  }
}

/** Not where it is a part of another extension's name, nor in what was meant as a comment. */
const isAboutSessions = (name: string) => /^(?![#/]).{0,100}?(?<![\w.])session\.\w/i.test(name);

function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}
