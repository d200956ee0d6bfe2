import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { meantElsewhere } from '../options/meant-elsewhere.js';

const UNSET: readonly unknown[] = ['keep', 'destroy'];
type Known = 'name' | 'subjectFrom' | 'unset';

/** Throws a SessionConfigError for options that cannot be meant. `call` is the function that gets them. */
export function checkOptions<T extends object>(call: string, options: T, names: OptionNames<T>): void {
  checkNames(call, options, names, undefined, inModule);
  const { name, subjectFrom, unset } = options as Readonly<Partial<Record<Known, unknown>>>;
  const fault = (option: Known, message: string) => ({ path: `${call} ${option}`, message });
  const faults = [
    name !== undefined && typeof name !== 'string' && fault('name', `is ${kindOf(name)}; allowed is a text`),
    subjectFrom !== undefined &&
      typeof subjectFrom !== 'function' &&
      fault(
        'subjectFrom',
        `is ${kindOf(subjectFrom)}; allowed is a function, such as (data) => data.passport?.user`,
      ),
    unset !== undefined &&
      !UNSET.includes(unset) &&
      fault('unset', 'is unknown; allowed are "keep" and "destroy"'),
  ].filter((one) => one !== false);
  if (faults.length) throw new SessionConfigError(faults);
}

const GROUPS: readonly string[] = ['cookie', 'store', 'session', 'crypto'];

/** An option of express-session itself, or one of the module. */
const inModule = (key: string): string =>
  GROUPS.includes(key) ? `; set ${key} of SessionCryptoModule.forRoot()` : meantElsewhere('', key);
