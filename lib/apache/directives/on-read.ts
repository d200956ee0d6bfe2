import type { Conditions } from './conditions.js';
import type { Notes } from './notes.js';
import type { Variables } from './variables.js';

type Act = (words: readonly string[], line: number) => void;

/** The directives that httpd carries out while it reads, before it looks at any other (EXEC_ON_READ). */
export class OnRead {
  serverRoot: string | undefined;

  constructor(
    private readonly variables: Variables,
    private readonly conditions: Conditions,
    private readonly htaccess: boolean,
    private readonly notes: Notes,
  ) {}

  /** What to do at a directive, by its name in lower case. */
  act(name: string): Act | undefined {
    return this.acts.get(name);
  }

  private readonly acts = new Map<string, Act>([
    ['define', (words, line) => this.define(words, line)],
    ['undefine', (words, line) => this.undefine(words, line)],
    ['loadmodule', (words) => words.forEach((word) => this.conditions.load(word))],
    ['serverroot', (words, line) => this.setRoot(words, line)],
    ['include', (_, line) => this.notes.fault(line, `Include ${INCLUDED}`)],
    ['includeoptional', (_, line) => this.notes.fault(line, `IncludeOptional ${INCLUDED}`)],
    [
      'error',
      (_, line) => this.notes.fault(line, 'Error stops httpd here; take it out, or what leads to it'),
    ],
  ]);

  private define(words: readonly string[], line: number): void {
    const [name, value] = words;
    if (words.length > 2)
      this.notes.fault(line, 'Define takes a name and one value; put quotes around the value');
    else if (this.mayDefine('Define', name, line)) this.variables.define(name!, value || undefined);
  }

  private undefine(words: readonly string[], line: number): void {
    if (words.length > 1) this.notes.fault(line, 'UnDefine takes one name');
    else if (this.mayDefine('UnDefine', words[0], line)) this.variables.undefine(words[0]!);
  }

  private mayDefine(directive: string, name: string | undefined, line: number): boolean {
    const wrong = this.htaccess ? 'is not allowed in .htaccess' : wrongName(name);
    if (wrong) this.notes.fault(line, `${directive} ${wrong}`);
    return !wrong;
  }

  private setRoot(words: readonly string[], line: number): void {
    if (words.length !== 1 || !words[0]) this.notes.fault(line, 'ServerRoot takes one directory');
    else this.serverRoot = words[0];
  }
}

const INCLUDED = 'is not followed, since no file is opened here; put what it includes into the text';

function wrongName(name: string | undefined): string | undefined {
  if (!name) return 'has no name';
  return name.includes(':') ? 'has a name with a colon, which httpd refuses' : undefined;
}
