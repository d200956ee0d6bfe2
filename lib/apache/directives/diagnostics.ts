import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import type { Finding } from './model.interface.js';

/** Collects the faults and findings of an excerpt. Faults stop the start, findings do not. The same message about the same
 *  line is kept once.
 *
 *  A message names the directive, what was found, what is allowed and what to write. It never repeats a secret. */
export class Diagnostics {
  private readonly faults = new Map<string, Finding>();
  private readonly remarks = new Map<string, Finding>();

  /** Adds a reason not to start. */
  addFault(line: number, message: string): void {
    this.faults.set(`${line} ${message}`, { line, message });
  }

  /** True if there is any fault. */
  get hasFaults(): boolean {
    return this.faults.size > 0;
  }

  /** Reports whether a directive of the line has a fault already. */
  hasFault(line: number, directive: string): boolean {
    return [...this.faults.values()].some(
      (fault) => fault.line === line && fault.message.startsWith(directive),
    );
  }

  /** Adds a remark that does not stop the start. */
  addFinding(line: number, message: string): void {
    this.remarks.set(`${line} ${message}`, { line, message });
  }

  /** Returns the findings in the order of their lines. */
  findings(): Finding[] {
    return inOrder(this.remarks);
  }

  /** Throws one SessionConfigError with all faults, if there are any. */
  throwFaults(): void {
    const faults = inOrder(this.faults).map(faultAt);
    if (faults.length) throw new SessionConfigError(faults);
  }
}

const inOrder = (messages: ReadonlyMap<string, Finding>): Finding[] =>
  [...messages.values()].toSorted((a, b) => a.line - b.line);

/** Returns a fault whose path is a line of the excerpt, such as `directives line 7`. */
export const faultAt = ({ line, message }: Finding): ConfigFault => ({
  path: `directives line ${line}`,
  message,
});

/** Quotes a text for a message and shortens it to about 60 characters. Never pass a secret. */
export function quoted(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 57))}…`;
}

const SECTIONS =
  'VirtualHost Directory DirectoryMatch Location LocationMatch Files FilesMatch Proxy ProxyMatch Limit LimitExcept If ' +
  'ElseIf Else IfDefine IfModule IfVersion IfFile IfDirective IfSection Macro';
/** The spelling of each known section, by its name in lower case. */
const SPELLINGS = new Map(SECTIONS.split(' ').map((name) => [name.toLowerCase(), name]));

/** Returns the tag of a section for a message, such as `<Location>`. `name` is in lower case. */
export function sectionTag(name: string): string {
  return `<${spelled(name)}>`;
}

/** Returns the closing tag of a section for a message, such as `</Location>`. `name` is in lower case. */
export function closingTag(name: string): string {
  return `</${spelled(name)}>`;
}

const spelled = (name: string): string =>
  SPELLINGS.get(name) ?? JSON.stringify(name.slice(0, 40)).slice(1, -1);
