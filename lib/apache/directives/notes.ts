import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import type { Finding } from './model.interface.js';

/** What there is to say about an excerpt: faults stop the start, findings do not. Each is said once. */
export class Notes {
  private readonly faults = new Map<string, number>();
  private readonly found = new Map<string, Finding>();

  fault(line: number, message: string): void {
    this.faults.set(JSON.stringify([line, message]), line);
  }

  finding(line: number, message: string): void {
    this.found.set(JSON.stringify([line, message]), { line, message });
  }

  /** In the order of the lines. */
  findings(): Finding[] {
    return [...this.found.values()].toSorted((a, b) => a.line - b.line);
  }

  /** Throws one error with all faults, when there are any. */
  end(): void {
    const lines = [...this.faults].toSorted(([, a], [, b]) => a - b);
    if (!lines.length) return;
    throw new SessionConfigError(
      lines.map(([written]) => faultOf(...(JSON.parse(written) as [number, string]))),
    );
  }
}

const faultOf = (line: number, message: string): ConfigFault => ({
  path: `directives line ${line}`,
  message,
});

/** A text that is no secret, in quotes and not too long to read. */
export function say(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 57))}…`;
}

const SECTIONS =
  'VirtualHost Directory DirectoryMatch Location LocationMatch Files FilesMatch Proxy ProxyMatch Limit LimitExcept If ' +
  'ElseIf Else IfDefine IfModule IfVersion IfFile IfDirective IfSection Macro';
const SPELT = new Map(SECTIONS.split(' ').map((name) => [name.toLowerCase(), name]));

/** A section as a message shows it, by its name in lower case. */
export function tag(name: string, close = ''): string {
  return `<${close}${SPELT.get(name) ?? JSON.stringify(name.slice(0, 40)).slice(1, -1)}>`;
}
