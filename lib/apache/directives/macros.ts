import { quoted, type Diagnostics } from './diagnostics.js';
import type { LogicalLine } from './lines.js';
import { wordsOf } from './words.js';

/** One `<Macro>` of mod_macro. */
interface Macro {
  readonly line: number;
  readonly parameters: readonly string[];
  readonly body: string[];
}

/** The macros of a text: see httpd's modules/core/mod_macro.c. The case of a macro's name does not count. */
export class Macros {
  private readonly macros = new Map<string, Macro>();
  /** The macro whose body is being read, and how many `<Macro>` are open. */
  private open: { readonly macro: Macro; depth: number } | undefined;

  constructor(private readonly diagnostics: Diagnostics) {}

  /** Begins a macro: `argument` is the text between `<Macro` and `>`. */
  begin(argument: string, line: number): void {
    const [name, ...parameters] = wordsOf(argument).words;
    if (!name) this.diagnostics.addFault(line, '<Macro> has no name; write <Macro name parameters>');
    const macro = { line, parameters, body: [] };
    if (name) this.macros.set(name.toLowerCase(), macro);
    this.open = { macro, depth: 1 };
  }

  /** Takes a line of the body, or the end of the macro. Returns false if no macro is open. */
  take(text: string): boolean {
    if (!this.open) return false;
    if (/^<macro\b/i.test(text)) this.open.depth++;
    if (/^<\/macro>/i.test(text) && --this.open.depth === 0) this.open = undefined;
    else this.open.macro.body.push(text);
    return true;
  }

  /** Ends the text: a macro that is still open is a fault. */
  end(): void {
    if (this.open) this.diagnostics.addFault(this.open.macro.line, '<Macro> is not closed; add </Macro>');
  }

  remove(name: string | undefined): void {
    this.macros.delete((name ?? '').toLowerCase());
  }

  /** Returns the lines that `Use` inserts, each at the line of the `Use`. Returns `undefined` for a macro that the text does
   *  not define. */
  linesOf([name, ...values]: readonly string[], line: number): LogicalLine[] | undefined {
    const macro = this.macros.get((name ?? '').toLowerCase());
    if (!macro) return undefined;
    const { parameters, body } = macro;
    if (parameters.length !== values.length)
      this.diagnostics.addFault(
        line,
        `Use ${quoted(name!)} has ${values.length} values, but the macro of line ${macro.line} has ${parameters.length} parameters`,
      );
    return body.map((text) => ({ line, text: replace(text, parameters, values), tooLong: false }));
  }
}

/** Replaces each parameter by its value. Of two that begin at one place, the longer counts. */
function replace(text: string, parameters: readonly string[], values: readonly string[]): string {
  const byLength = parameters.map((name, i) => [name, values[i] ?? ''] as const).filter(([name]) => name);
  byLength.sort(([a], [b]) => b.length - a.length);
  let result = '';
  for (let at = 0; at < text.length;) {
    const found = byLength.find(([name]) => text.startsWith(name, at));
    result += found ? found[1] : text[at];
    at += found ? found[0].length : 1;
  }
  return result;
}
