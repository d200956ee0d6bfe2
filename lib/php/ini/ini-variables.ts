/** Characters that variables may add to all values of one source together. */
const MAX_GROWTH = 1_048_576;

/** Stands for a value that only the PHP of that machine knows. */
export const UNCERTAIN = Symbol('uncertain');

/** The values of `${NAME}`: a directive on an earlier line comes first, then the environment.
 *  @see zend_ini_get_var, Zend/zend_ini_parser.y */
export class IniVariables {
  private readonly directives = new Map<string, string | typeof UNCERTAIN>();
  private charactersLeft = MAX_GROWTH;

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  /** Remembers the value of a directive for the lines that follow. */
  set(name: string, value: string | typeof UNCERTAIN): void {
    this.directives.set(name, value);
  }

  /** Returns the value of a variable. Returns `undefined` if nothing defines it, or if the values together have grown by
   *  more than {@link MAX_GROWTH} characters. */
  get(name: string): string | typeof UNCERTAIN | undefined {
    const value = this.directives.get(name) ?? (Object.hasOwn(this.env, name) ? this.env[name] : undefined);
    if (value === UNCERTAIN) return value;
    if (typeof value !== 'string') return undefined;
    this.charactersLeft -= value.length;
    return this.charactersLeft < 0 ? undefined : value;
  }
}
