import { MAX_LINE } from './lines.js';

/** A line after its variables were replaced. */
export interface ResolvedText {
  /** Empty if the text became too long. */
  readonly text: string;
  /** Names without a value; their `${…}` stays in the text. */
  readonly unknown: readonly string[];
  /** True if the text became longer than {@link MAX_LINE}. */
  readonly tooLong: boolean;
}

/** The variables of `Define`, `UnDefine` and `${NAME}`: see httpd's server/core.c, set_define, and ap_resolve_env. */
export class Variables {
  private readonly defined = new Set<string>();
  private readonly values = new Map<string, string>();

  constructor(
    defines: Readonly<Record<string, string>>,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    for (const [name, value] of Object.entries(defines)) this.define(name, value);
  }

  /** Defines a name, with or without a value. A later value replaces an earlier one. */
  define(name: string, value: string | undefined): void {
    this.defined.add(name);
    if (value !== undefined) this.values.set(name.toLowerCase(), value);
  }

  undefine(name: string): void {
    this.defined.delete(name);
    this.values.delete(name.toLowerCase());
  }

  /** Reports whether a name is defined, for `<IfDefine>`. Only there does the case of the name count. */
  has(name: string): boolean {
    return this.defined.has(name);
  }

  /** Replaces each `${NAME}` once. A `${…}` inside a value is not replaced. */
  resolve(text: string): ResolvedText {
    const unknown: string[] = [];
    let resolved = '';
    let done = 0;
    for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', done)) {
      const end = text.indexOf('}', at + 2);
      if (end < 0) break;
      const name = text.slice(at + 2, end);
      const value = this.valueOf(name);
      if (value === undefined) unknown.push(name);
      resolved += text.slice(done, at) + (value ?? text.slice(at, end + 1));
      done = end + 1;
      if (resolved.length > MAX_LINE) return { text: '', unknown, tooLong: true };
    }
    resolved += text.slice(done);
    return { text: resolved, unknown, tooLong: resolved.length > MAX_LINE };
  }

  /** Returns the value from the defines, else from the environment. The prototype of `env` does not count. */
  private valueOf(name: string): string | undefined {
    const value = this.values.get(name.toLowerCase());
    return value ?? (Object.hasOwn(this.env, name) ? this.env[name] : undefined);
  }
}
