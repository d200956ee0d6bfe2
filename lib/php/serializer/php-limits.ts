import { checkNames, type OptionNames } from '../../errors/check-names.js';

/** The limits of a session that is read or written. A session beyond them is refused. They bound the memory and time that a
 *  file of an attacker can cost. */
export interface PhpLimits {
  /** The number of bytes.
   *  @default 1048576 */
  readonly size: number;
  /** The levels of arrays and objects inside one another.
   *  @default 4096
   *  @see PHP `unserialize_max_depth` */
  readonly depth: number;
  /** The number of all values, nested ones included.
   *  @default 100000 */
  readonly values: number;
}

/** The default limits. */
export const PHP_LIMITS: PhpLimits = Object.freeze({ size: 1_048_576, depth: 4096, values: 100_000 });

const NAMES: OptionNames<PhpLimits> = { size: true, depth: true, values: true };

/** Returns the limits with the defaults for those that are not given. Throws a SessionConfigError for an unknown name. */
export function limitsOf(given: Partial<PhpLimits> | undefined): PhpLimits {
  if (given === undefined) return PHP_LIMITS;
  checkNames('limits', given, NAMES);
  return { ...PHP_LIMITS, ...given };
}
