/** Characters that all values of one text may gain together. */
const MAX_GROWTH = 1_048_576;

/** `${NAME}`: first a directive that stands above, then the environment; zend_ini_get_var, Zend/zend_ini_parser.y. */
export class IniVariables {
  private readonly directives = new Map<string, string>();
  private left = MAX_GROWTH;

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  set(name: string, value: string): void {
    this.directives.set(name, value);
  }

  /** `undefined` when nothing has the name, and when there is no room left. */
  get(name: string): string | undefined {
    const value = this.directives.get(name) ?? (Object.hasOwn(this.env, name) ? this.env[name] : undefined);
    if (typeof value !== 'string') return undefined;
    this.left -= value.length;
    return this.left < 0 ? undefined : value;
  }
}
