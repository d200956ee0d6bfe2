import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { meantHint } from '../errors/nearest-name.js';

/** A module of this package, as the messages name it. */
export interface ModuleArguments {
  /** The class's name. */
  readonly module: string;
  /** The argument of `forRoot` in its shortest form. */
  readonly example: string;
  /** The members that the options can have. */
  readonly options: readonly string[];
  /** The members that stand beside `useFactory`. */
  readonly extras: readonly string[];
}

/** The members with which Nest gets the options of `forRootAsync`. */
const WAYS = ['useFactory', 'useClass', 'useExisting'] as const;
const ASYNC = ['imports', 'inject', ...WAYS, 'provideInjectionTokensFrom'];

/** Throws a SessionConfigError if the argument of `forRoot` is no object, or is that of `forRootAsync`. */
export function checkForRoot({ module, example }: ModuleArguments, given: unknown): void {
  const call = `${module}.forRoot`;
  if (typeof given === 'function')
    throw fault(`${call}()`, `got a function; a function belongs to ${call}Async({ useFactory })`);
  if (!isGroup(given)) throw fault(`${call}()`, `got ${kindOf(given)}; write ${call}(${example})`);
  const way = WAYS.find((one) => one in given);
  if (way) throw fault(way, `belongs to ${call}Async({ ${way} })`);
}

/** Throws one SessionConfigError with every fault of the argument of `forRootAsync`. Nest ignores members that it does not
 *  know. */
export function checkForRootAsync(target: ModuleArguments, given: unknown): void {
  const { module, example } = target;
  const call = `${module}.forRootAsync`;
  if (!isGroup(given))
    throw fault(`${call}()`, `got ${kindOf(given)}; write ${call}({ useFactory: () => (${example}) })`);
  const faults = Object.keys(given).flatMap((key) => unknownMember(target, key) ?? []);
  const ways = WAYS.filter((way) => given[way] !== undefined);
  if (!ways.length)
    faults.push({
      path: `${call}()`,
      message: `has none of ${WAYS.join(', ')}; write ${call}({ useFactory: () => (${example}) })`,
    });
  for (const way of ways)
    if (typeof given[way] !== 'function' && !(way === 'useExisting' && given[way]))
      faults.push({
        path: way,
        message: `is ${kindOf(given[way])}; allowed is a ${way === 'useFactory' ? 'function' : 'class'}`,
      });
  if (faults.length) throw new SessionConfigError(faults);
}

function unknownMember({ options, extras }: ModuleArguments, key: string): ConfigFault | undefined {
  const known = [...ASYNC, ...extras];
  if (known.includes(key)) return undefined;
  if (options.includes(key))
    return {
      path: key,
      message: 'belongs into the object that useFactory returns: forRootAsync() takes no options',
    };
  return {
    path: key,
    message: `is unknown to forRootAsync()${meantHint(key, known) || `; known are ${known.join(', ')}`}`,
  };
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
