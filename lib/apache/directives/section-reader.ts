import type { Conditions } from './conditions.js';
import { closingTag, quoted, sectionTag, type Diagnostics } from './diagnostics.js';
import { directiveOf, isAboutSessions, looksLikeOurs, unknownNameFault } from './directive-names.js';
import { ImmediateDirectives } from './immediate-directives.js';
import type { Insertions } from './insertions.js';
import { MAX_LINE, type LogicalLine } from './lines.js';
import { newSection, type Section } from './sections.js';
import type { Variables } from './variables.js';
import { nextWord, wordsOf } from './words.js';

/** Maximum depth of nested sections, so that no text can exhaust the stack. */
const MAX_DEPTH = 32;

/** Directives that say which hosts and directories exist. They make no setting, but servers.ts reads them. */
const PLACING = new Set(['servername', 'serveralias', 'documentroot', 'alias', 'scriptalias']);

/** A section whose closing tag has not come yet. */
interface OpenSection {
  readonly name: string;
  readonly line: number;
  /** The section that takes the directives. A condition that holds makes no section of its own, so this is the outer one. */
  readonly section: Section;
  /** True if this condition, or one around it, does not hold. */
  readonly skipped: boolean;
}

/** Sorts lines into a tree of sections. On the way, it does what httpd does while it reads: it replaces variables, evaluates
 *  conditions, and executes the immediate directives. */
export class SectionReader {
  /** The whole text as a section; complete after {@link end}. */
  readonly root = newSection('', '', 1);
  /** Holds the ServerRoot of the text. */
  readonly immediate: ImmediateDirectives;
  /** The open sections from the outermost to the innermost. The first is the whole text. */
  private readonly open: OpenSection[] = [{ name: '', line: 1, section: this.root, skipped: false }];
  /** The faults of unknown names, so that a name that stands in many lines is looked up once. */
  private readonly nameFaults = new Map<string, string | undefined>();

  constructor(
    private readonly variables: Variables,
    private readonly conditions: Conditions,
    htaccess: boolean,
    private readonly diagnostics: Diagnostics,
    private readonly insertions: Insertions,
    private readonly givenRoot: string | undefined,
  ) {
    this.immediate = new ImmediateDirectives(variables, conditions, htaccess, diagnostics);
  }

  /** Takes the next line of the text. */
  read({ line, text, tooLong }: LogicalLine): void {
    if (tooLong) return this.diagnostics.addFault(line, TOO_LONG);
    if (!text || text.startsWith('#')) return;
    if (text.includes('\0')) return this.diagnostics.addFault(line, ZERO_BYTE);
    if (this.insertions.macros.take(text)) return;
    if (this.top.skipped) return this.skip(text, line);
    const resolved = this.variables.resolve(text);
    if (resolved.tooLong)
      return this.diagnostics.addFault(line, `${TOO_LONG} after its variables were replaced`);
    const first = nextWord(resolved.text);
    if (!first?.word) return;
    if (first.word.startsWith('<')) return this.readTag(first.word, first.rest, line, resolved.unknown);
    this.readDirective(first.word, first.rest, line, resolved.unknown);
  }

  /** Ends the text: every section that is still open is a fault. */
  end(): void {
    this.insertions.macros.end();
    for (const { name, line } of this.open.splice(1))
      this.diagnostics.addFault(line, `${sectionTag(name)} is not closed; add ${closingTag(name)}`);
  }

  private get serverRoot(): string | undefined {
    return this.givenRoot ?? this.immediate.serverRoot;
  }

  private get top(): OpenSection {
    return this.open.at(-1)!;
  }

  /** Skips a line inside a condition that does not hold. Its sections must still close. */
  private skip(text: string, line: number): void {
    const { word, rest } = nextWord(text)!;
    if (word.startsWith('</')) return this.close(word, rest, line);
    if (word.startsWith('<')) return this.push({ ...this.top, name: tagName(word), line });
    const row = directiveOf(word);
    if (!row ? !looksLikeOurs(word) : !isAboutSessions(row)) return;
    const condition = this.open.find(({ skipped }) => skipped)!;
    this.diagnostics.addFinding(
      condition.line,
      `${sectionTag(condition.name)} does not hold, so its session directives are ignored; if it holds in httpd, add its name to the option defines or modules`,
    );
  }

  /** Opens a section. A condition that holds adds its lines to the section around it. */
  private readTag(word: string, rest: string, line: number, unknown: readonly string[]): void {
    if (word.startsWith('</')) return this.close(word, rest, line);
    this.reportUnknown(unknown, line);
    const name = tagName(word);
    const argument = this.argumentOf(name, word, rest, line);
    if (name === 'macro') return this.insertions.macros.begin(argument ?? '', line);
    const holds = argument === undefined ? undefined : this.conditions.holds(name, argument, line);
    const { section } = this.top;
    if (holds !== undefined) return this.push({ name, line, section, skipped: !holds });
    const inner = newSection(name, argument ?? '', line);
    section.sections.push(inner);
    this.push({ name, line, section: inner, skipped: false });
  }

  /** Returns the text before the `>`. */
  private argumentOf(name: string, word: string, rest: string, line: number): string | undefined {
    if (!rest && word.endsWith('>')) return '';
    if (!name) return void this.diagnostics.addFault(line, NO_NAME);
    const end = rest.lastIndexOf('>');
    if (end < 0)
      return void this.diagnostics.addFault(line, `${sectionTag(name)} has no > at its end; add it`);
    if (rest.slice(end + 1).trim())
      this.diagnostics.addFault(
        line,
        `${sectionTag(name)} has text after its >, which httpd ignores; move the text to its own line`,
      );
    return rest.slice(0, end);
  }

  private push(open: OpenSection): void {
    if (this.open.length <= MAX_DEPTH) return void this.open.push(open);
    this.diagnostics.addFault(
      open.line,
      `${sectionTag(open.name)} is nested too deeply; allowed are ${MAX_DEPTH} levels`,
    );
  }

  /** Closes the innermost section of that name. Sections inside it that are still open cross it: each is a fault. */
  private close(word: string, rest: string, line: number): void {
    const name = word.slice(2).replace(/>$/, '').toLowerCase();
    const tag = closingTag(name);
    if (!word.endsWith('>') || rest)
      this.diagnostics.addFault(line, `${tag} must be the whole line; write it as ${tag}`);
    const depth = this.open.findLastIndex((one, i) => i > 0 && one.name === name);
    if (depth < 0)
      return this.diagnostics.addFault(line, `${tag} closes no open section; remove it, or open the section`);
    for (const inner of this.open.splice(depth).slice(1))
      this.diagnostics.addFault(
        inner.line,
        `${sectionTag(inner.name)} is not closed before ${tag} in line ${line}; add ${closingTag(inner.name)}`,
      );
  }

  /** Keeps a directive for later, executes an immediate one, or reports a name that looks misspelt. */
  private readDirective(word: string, args: string, line: number, unknown: readonly string[]): void {
    const name = word.toLowerCase();
    const row = directiveOf(word);
    if (!row?.secret) this.reportUnknown(unknown, line);
    const handle = this.immediate.handlerOf(name);
    const { words } = wordsOf(args);
    if (handle) return handle(words, line);
    const { serverRoot } = this;
    if (this.insertions.insert({ name, words, line, serverRoot }, (one) => this.read(one))) return;
    const unresolved = unknown.length > 0;
    if (row || PLACING.has(name))
      return void this.top.section.directives.push({ name, row, args, line, unresolved });
    const fault = this.nameFaultOf(word);
    if (fault) this.diagnostics.addFault(line, fault);
  }

  private nameFaultOf(word: string): string | undefined {
    if (!this.nameFaults.has(word)) this.nameFaults.set(word, unknownNameFault(word));
    return this.nameFaults.get(word);
  }

  /** Adds a finding for each undefined `${NAME}`. `${map:key}` belongs to mod_rewrite. */
  private reportUnknown(unknown: readonly string[], line: number): void {
    for (const name of unknown.filter((one) => !one.includes(':')))
      this.diagnostics.addFinding(
        line,
        `${quoted(`\${${name}}`)} is not defined, so it stays as it is; give its value in the option defines or env`,
      );
  }
}

const TOO_LONG = `the line is longer than ${MAX_LINE} characters`;
const NO_NAME = 'a section has no name after its <; remove the blank';
const ZERO_BYTE = 'the line holds a zero byte, at which httpd would stop reading; remove it';

/** Returns the name of a tag in lower case: `location` for both `<Location>` and `<Location`. */
const tagName = (word: string) => word.slice(1).replace(/>$/, '').toLowerCase();
