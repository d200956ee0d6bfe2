import type { Conditions } from './conditions.js';
import { directiveOf, isAboutSessions, looksLikeOurs, unknownName } from './directive-names.js';
import { MAX_LINE, type LogicalLine } from './lines.js';
import { say, tag, type Notes } from './notes.js';
import { OnRead } from './on-read.js';
import { newSection, type Section } from './sections.js';
import type { Variables } from './variables.js';
import { nextWord, wordsOf } from './words.js';

const MAX_DEPTH = 32;
/** Directives that say which hosts and directories there are. */
const PLACING = new Set(['servername', 'serveralias', 'documentroot', 'alias', 'scriptalias']);

interface Open {
  readonly name: string;
  readonly line: number;
  /** Where directives go; a condition that holds is no section of its own. */
  readonly section: Section;
  /** The condition does not hold, here or further out. */
  readonly skipped: boolean;
}

/** Puts lines into sections and does what httpd does while it reads: variables, conditions, modules, ServerRoot. */
export class SectionReader {
  readonly root = newSection('', '', 1);
  readonly onRead: OnRead;
  private readonly open: Open[] = [{ name: '', line: 1, section: this.root, skipped: false }];
  private readonly unknown = new Map<string, string | undefined>();

  constructor(
    private readonly variables: Variables,
    private readonly conditions: Conditions,
    htaccess: boolean,
    private readonly notes: Notes,
  ) {
    this.onRead = new OnRead(variables, conditions, htaccess, notes);
  }

  read({ line, text, tooLong }: LogicalLine): void {
    if (tooLong) return this.notes.fault(line, `is longer than ${MAX_LINE} characters`);
    if (!text || text.startsWith('#')) return;
    if (text.includes('\0')) return this.notes.fault(line, 'holds a zero byte; httpd would stop there');
    if (this.top.skipped) return this.skip(text, line);
    const resolved = this.variables.resolve(text);
    if (resolved.tooLong)
      return this.notes.fault(line, `is longer than ${MAX_LINE} characters with its variables replaced`);
    const first = nextWord(resolved.text);
    if (!first?.word) return;
    if (first.word.startsWith('<')) return this.section(first.word, first.rest, line, resolved.unknown);
    this.directive(first.word, first.rest, line, resolved.unknown);
  }

  end(): void {
    for (const { name, line } of this.open.splice(1)) this.notes.fault(line, `${tag(name)} is not closed`);
  }

  private get top(): Open {
    return this.open.at(-1)!;
  }

  /** Lines that do not count; their sections must close all the same. */
  private skip(text: string, line: number): void {
    const { word, rest } = nextWord(text)!;
    if (word.startsWith('</')) return this.close(word, rest, line);
    if (word.startsWith('<')) return this.push({ ...this.top, name: nameOf(word), line });
    const row = directiveOf(word);
    if (!row ? !looksLikeOurs(word) : !isAboutSessions(row)) return;
    const condition = this.open.find(({ skipped }) => skipped)!;
    this.notes.finding(
      condition.line,
      `${tag(condition.name)} does not hold here, so the session directives in it are left out; the options defines and modules say what httpd has`,
    );
  }

  private section(word: string, rest: string, line: number, unknown: readonly string[]): void {
    if (word.startsWith('</')) return this.close(word, rest, line);
    this.mention(unknown, line);
    const name = nameOf(word);
    const argument = this.argument(name, word, rest, line);
    const holds = argument === undefined ? undefined : this.conditions.holds(name, argument, line);
    const { section } = this.top;
    if (holds !== undefined) return this.push({ name, line, section, skipped: !holds });
    const inner = newSection(name, argument ?? '', line);
    section.sections.push(inner);
    this.push({ name, line, section: inner, skipped: false });
  }

  /** What stands before the `>`. */
  private argument(name: string, word: string, rest: string, line: number): string | undefined {
    if (!rest && word.endsWith('>')) return '';
    const end = rest.lastIndexOf('>');
    if (end < 0 || !name) return void this.notes.fault(line, `${tag(name)} has no > at its end`);
    if (rest.slice(end + 1).trim())
      this.notes.fault(line, `${tag(name)} has text behind its >, which httpd ignores; begin a line for it`);
    return rest.slice(0, end);
  }

  private push(open: Open): void {
    if (this.open.length <= MAX_DEPTH) return void this.open.push(open);
    this.notes.fault(open.line, `${tag(open.name)} stands in more than ${MAX_DEPTH} sections`);
  }

  private close(word: string, rest: string, line: number): void {
    const name = word.slice(2).replace(/>$/, '').toLowerCase();
    if (!word.endsWith('>') || rest) this.notes.fault(line, `${tag(name, '/')} is not written as it must be`);
    const depth = this.open.findLastIndex((one, i) => i > 0 && one.name === name);
    if (depth < 0) return this.notes.fault(line, `${tag(name, '/')} closes no section that is open`);
    const crossed = this.open.splice(depth).slice(1);
    for (const one of crossed)
      this.notes.fault(one.line, `${tag(one.name)} is not closed before ${tag(name, '/')} in line ${line}`);
  }

  private directive(word: string, args: string, line: number, unknown: readonly string[]): void {
    const name = word.toLowerCase();
    const row = directiveOf(word);
    if (!row?.secret) this.mention(unknown, line);
    const act = this.onRead.act(name);
    if (act) return act(wordsOf(args).words, line);
    const unresolved = unknown.length > 0;
    if (row || PLACING.has(name))
      return void this.top.section.directives.push({ name, row, args, line, unresolved });
    const fault = this.unknownName(word);
    if (fault) this.notes.fault(line, fault);
  }

  private unknownName(word: string): string | undefined {
    if (!this.unknown.has(word)) this.unknown.set(word, unknownName(word));
    return this.unknown.get(word);
  }

  private mention(unknown: readonly string[], line: number): void {
    for (const name of unknown.filter((one) => !one.includes(':')))
      this.notes.finding(line, `${say(`\${${name}}`)} is not defined and stays; defines and env give values`);
  }
}

/** `<Location>` and `<Location` give `location`. */
const nameOf = (word: string) => word.slice(1).replace(/>$/, '').toLowerCase();
