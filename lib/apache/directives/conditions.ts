import type { Notes } from './notes.js';
import { say } from './notes.js';
import type { Variables } from './variables.js';
import { wordsOf } from './words.js';

/** The httpd whose rules are followed, as `<IfVersion>` sees it. */
export const VERSIONS = { '2.4': '2.4.71', trunk: '2.5.1-dev' } as const;
export type Rules = keyof typeof VERSIONS;

/** Modules that this package stands for, or that it follows the rules of. */
const PRESENT = ['session', 'session_cookie', 'session_crypto', 'session_dbd', 'dbd', 'auth_form', 'version'];
/** A pattern that tries all ways through the version is still quick at this length. */
const MAX_PATTERN = 40;

/** Decides the sections that httpd decides while it reads. */
export class Conditions {
  private readonly modules = new Set<string>();

  constructor(
    modules: readonly string[],
    private readonly rules: Rules,
    private readonly variables: Variables,
    private readonly notes: Notes,
  ) {
    for (const name of PRESENT) this.load(`${name}_module`);
    for (const name of modules) this.load(name);
  }

  /** Notes a module by any of its names: `ssl_module`, `mod_ssl.c` or the file `modules/mod_ssl.so`. */
  load(name: string): void {
    this.modules.add(name);
    const stem = /^(?:.*[\\/])?mod_([^\\/]+)\.(?:c|so)$/.exec(name)?.[1] ?? /^(.+)_module$/.exec(name)?.[1];
    if (stem) this.modules.add(`${stem}_module`).add(`mod_${stem}.c`);
  }

  /** Whether the section's lines count; `undefined` when the section is no such condition. */
  holds(section: string, argument: string, line: number): boolean | undefined {
    if (section === 'ifdefine') return not(argument, (name) => this.variables.has(name));
    if (section === 'ifmodule') return not(argument, (name) => this.modules.has(name));
    if (section === 'ifversion') return this.version(argument, line);
    return undefined;
  }

  /** start_ifversion, modules/metadata/mod_version.c. */
  private version(argument: string, line: number): boolean {
    const { words } = wordsOf(argument);
    const [operator, wanted, ...more] = words.length === 1 ? ['=', words[0]!] : words;
    const form = /^(!?)([=<>]=?|~)$/.exec(operator ?? '');
    if (!form || wanted === undefined || more.length) {
      this.notes.fault(
        line,
        '<IfVersion> is not understood; allowed is one of = == > >= < <= ~ and a version',
      );
      return false;
    }
    const matches = this.compare(form[2]!, wanted, line);
    return form[1] ? !matches : matches;
  }

  private compare(operator: string, wanted: string, line: number): boolean {
    const pattern = operator === '~' ? wanted : operator.startsWith('=') && /^\/(.*)\/$/.exec(wanted)?.[1];
    if (typeof pattern === 'string') return this.matches(pattern, line);
    if (!/^\d{1,9}(\.\d{1,9}){0,2}$/.test(wanted)) {
      this.notes.fault(
        line,
        `<IfVersion> names ${say(wanted)}; allowed is major[.minor[.patch]] or /pattern/`,
      );
      return false;
    }
    const order = orderOf(VERSIONS[this.rules], wanted);
    if (order === 0) return operator !== '<' && operator !== '>';
    return operator.startsWith(order > 0 ? '>' : '<');
  }

  private matches(pattern: string, line: number): boolean {
    try {
      if (pattern.length <= MAX_PATTERN) return new RegExp(pattern).test(VERSIONS[this.rules]);
    } catch {
      // said below
    }
    this.notes.fault(
      line,
      `<IfVersion> has a pattern that can't be read; allowed are ${MAX_PATTERN} characters`,
    );
    return false;
  }
}

function not(argument: string, is: (name: string) => boolean): boolean {
  return argument.startsWith('!') ? !is(argument.slice(1)) : is(argument);
}

/** Above zero when `ours` is the later version; parts that are not written are 0. */
function orderOf(ours: string, wanted: string): number {
  const [a, b] = [ours, wanted].map((one) => one.split('-')[0]!.split('.').map(Number));
  return [0, 1, 2].map((i) => a![i]! - (b![i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
