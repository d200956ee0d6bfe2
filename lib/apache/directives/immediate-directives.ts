import type { Conditions } from './conditions.js';
import type { Diagnostics } from './diagnostics.js';
import type { Variables } from './variables.js';

type Handler = (words: readonly string[], line: number) => void;

/** Carries out the directives that httpd executes while it reads, before all others (EXEC_ON_READ): Define, UnDefine,
 *  LoadModule, ServerRoot. Error is a fault here. */
export class ImmediateDirectives {
  /** The ServerRoot of the text, as far as it is read. */
  serverRoot: string | undefined;

  constructor(
    private readonly variables: Variables,
    private readonly conditions: Conditions,
    private readonly htaccess: boolean,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** Returns the handler of a directive, or `undefined` if it is not an immediate one. `name` is in lower case. */
  handlerOf(name: string): Handler | undefined {
    return this.handlers.get(name);
  }

  /** The handlers by the name of the directive in lower case. */
  private readonly handlers = new Map<string, Handler>([
    ['define', (words, line) => this.define(words, line)],
    ['undefine', (words, line) => this.undefine(words, line)],
    ['loadmodule', (words) => words.forEach((word) => this.conditions.addModule(word))],
    ['serverroot', (words, line) => this.setRoot(words, line)],
    [
      'error',
      (_, line) =>
        this.diagnostics.addFault(
          line,
          'Error stops httpd here; remove it, or the condition that leads to it',
        ),
    ],
  ]);

  private define(words: readonly string[], line: number): void {
    const [name, value] = words;
    if (words.length > 2)
      this.diagnostics.addFault(
        line,
        `Define has ${words.length} words; allowed are a name and one value (put quotes around the value)`,
      );
    else if (this.mayDefine('Define', name, line)) this.variables.define(name!, value || undefined);
  }

  private undefine(words: readonly string[], line: number): void {
    if (words.length > 1)
      this.diagnostics.addFault(line, `UnDefine has ${words.length} words; allowed is one name`);
    else if (this.mayDefine('UnDefine', words[0], line)) this.variables.undefine(words[0]!);
  }

  /** Adds a fault and returns false for a name that httpd would refuse. */
  private mayDefine(directive: string, name: string | undefined, line: number): boolean {
    const fault = this.htaccess
      ? 'is not allowed in .htaccess; move it to the server configuration'
      : nameFault(name);
    if (fault) this.diagnostics.addFault(line, `${directive} ${fault}`);
    return !fault;
  }

  private setRoot(words: readonly string[], line: number): void {
    if (words.length !== 1 || !words[0])
      this.diagnostics.addFault(line, `ServerRoot has ${words.length} words; allowed is one directory`);
    else this.serverRoot = words[0];
  }
}

function nameFault(name: string | undefined): string | undefined {
  if (!name) return 'has no name; give one';
  return name.includes(':') ? 'has a name with a colon, which httpd refuses; use another name' : undefined;
}
