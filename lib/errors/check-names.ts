import { meantHint } from './nearest-name.js';
import { kindOf, SessionConfigError, type ConfigFault } from './session-config.error.js';

/** The names of all options in a type, as the keys of one object, so that the compiler reports a missing one. */
export type OptionNames<T> = Readonly<Record<keyof Required<T>, true>>;

/** Throws a SessionConfigError if `given` is no object, or has options that are not in `known`. An option that is ignored
 *  silently is one that does not protect. `call` is the function that was called, such as `memoryStore()`; members for whose
 *  value `isOther` is true are no options. `elsewhere` returns the end of the message about an option that belongs to another
 *  place, or an empty text. */
export function checkNames(
  call: string,
  given: unknown,
  known: Readonly<Record<string, true>>,
  isOther: (value: unknown) => boolean = () => false,
  elsewhere: (key: string) => string = () => '',
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new SessionConfigError([{ path: call, message: `got ${kindOf(given)}; allowed is an object` }]);
  const faults = Object.entries(given).flatMap(([key, value]) =>
    isOther(value) ? [] : unknownName(call, key, Object.keys(known), elsewhere(key)),
  );
  if (faults.length) throw new SessionConfigError(faults);
}

function unknownName(call: string, key: string, known: readonly string[], elsewhere: string): ConfigFault[] {
  if (known.includes(key)) return [];
  const hint = elsewhere || meantHint(key, known) || `; known are ${known.join(', ')}`;
  return [{ path: `${call}.${key.slice(0, 60)}`, message: `is unknown${hint}` }];
}
