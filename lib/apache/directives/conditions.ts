import { quoted, type Diagnostics } from './diagnostics.js';
import type { Variables } from './variables.js';
import { wordsOf } from './words.js';

/** The versions of httpd whose rules can be followed, as `<IfVersion>` compares them. */
export const VERSIONS = { '2.4': '2.4.71', trunk: '2.5.1-dev' } as const;

/** The httpd whose rules are followed. */
export type Rules = keyof typeof VERSIONS;

/** Modules that are always present: this package replaces them or follows their rules. */
const PRESENT = ['session', 'session_cookie', 'session_crypto', 'session_dbd', 'dbd', 'auth_form', 'version'];

/** Maximum length of a pattern. At this length, even a pattern that backtracks is fast on a version number. */
const MAX_PATTERN = 40;

/** Evaluates the sections that httpd evaluates while it reads: `<IfDefine>`, `<IfModule>` and `<IfVersion>`. */
export class Conditions {
  private readonly modules = new Set<string>();

  constructor(
    modules: readonly string[],
    private readonly rules: Rules,
    private readonly variables: Variables,
    private readonly diagnostics: Diagnostics,
  ) {
    for (const name of PRESENT) this.addModule(`${name}_module`);
    for (const name of modules) this.addModule(name);
  }

  /** Adds a module by any of its names: `ssl_module`, `mod_ssl.c` or the file `modules/mod_ssl.so`. */
  addModule(name: string): void {
    this.modules.add(name);
    const stem = /^(?:.*[\\/])?mod_([^\\/]+)\.(?:c|so)$/.exec(name)?.[1] ?? /^(.+)_module$/.exec(name)?.[1];
    if (stem) this.modules.add(`${stem}_module`).add(`mod_${stem}.c`);
  }

  /** Returns true if the lines of the section apply, or `undefined` if the section is no such condition. `section` is the
   *  name in lower case. */
  holds(section: string, argument: string, line: number): boolean | undefined {
    if (section === 'ifdefine') return test(argument, (name) => this.variables.has(name));
    if (section === 'ifmodule') return test(argument, (name) => this.modules.has(name));
    if (section === 'ifversion') return this.testVersion(argument, line);
    return undefined;
  }

  /** See httpd's modules/metadata/mod_version.c, start_ifversion. */
  private testVersion(argument: string, line: number): boolean {
    const { words } = wordsOf(argument);
    const [operator, wanted, ...more] = words.length === 1 ? ['=', words[0]!] : words;
    const match = /^(!?)([=<>]=?|~)$/.exec(operator ?? '');
    if (!match || wanted === undefined || more.length)
      return this.fail(line, `${quoted(argument)}; allowed is one of = == > >= < <= ~ and a version`);
    const matches = this.compare(match[2]!, wanted, line);
    return match[1] ? !matches : matches;
  }

  /** Compares httpd's version with `wanted`: a version, or a pattern after `~` or between slashes. */
  private compare(operator: string, wanted: string, line: number): boolean {
    const pattern = operator === '~' ? wanted : operator.startsWith('=') && /^\/(.*)\/$/.exec(wanted)?.[1];
    if (typeof pattern === 'string') return this.matches(pattern, line);
    if (!/^\d{1,9}(\.\d{1,9}){0,2}$/.test(wanted))
      return this.fail(line, `the version ${quoted(wanted)}; allowed is major[.minor[.patch]] or /pattern/`);
    const order = orderOf(VERSIONS[this.rules], wanted);
    if (order === 0) return operator !== '<' && operator !== '>';
    return operator.startsWith(order > 0 ? '>' : '<');
  }

  private matches(pattern: string, line: number): boolean {
    try {
      if (pattern.length <= MAX_PATTERN) return new RegExp(pattern).test(VERSIONS[this.rules]);
    } catch {
      // a malformed pattern gets the fault below
    }
    return this.fail(
      line,
      `the pattern ${quoted(pattern)}; allowed is a regular expression of at most ${MAX_PATTERN} characters`,
    );
  }

  private fail(line: number, fault: string): false {
    this.diagnostics.addFault(line, `<IfVersion> has ${fault}`);
    return false;
  }
}

/** Tests a name, which `!` negates. */
function test(argument: string, has: (name: string) => boolean): boolean {
  return argument.startsWith('!') ? !has(argument.slice(1)) : has(argument);
}

/** Returns a positive number if `ours` is the later version, 0 if both are equal. Parts that are not written are 0. */
function orderOf(ours: string, wanted: string): number {
  const [a, b] = [ours, wanted].map((one) => one.split('-')[0]!.split('.').map(Number));
  return [0, 1, 2].map((i) => a![i]! - (b![i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
