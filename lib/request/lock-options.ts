import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';

/** How `@SessionLock()` locks the session. */
export interface SessionLockOptions {
  /** Seconds that a request waits for the lock at most; then it gets 423. @default 10 */
  readonly wait?: number;
  /** Seconds that a request may have the lock at most. Then the lock is free, and what the request has changed and not stored is
   *  refused with 409. @default 60 */
  readonly lease?: number;
}

const NAMES: OptionNames<SessionLockOptions> = { wait: true, lease: true };

/** The smallest and the largest number of seconds. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = { wait: [0, 600], lease: [1, 3600] };

/** Returns the options with their defaults. Throws a SessionConfigError that lists all faults. */
export function readLockOptions(options: SessionLockOptions): Required<SessionLockOptions> {
  checkNames('@SessionLock()', options, NAMES);
  const faults = Object.entries(options).flatMap(([name, value]) => rangeFault(name, value));
  if (faults.length) throw new SessionConfigError(faults);
  const { wait = 10, lease = 60 } = options;
  return { wait, lease };
}

function rangeFault(name: string, value: unknown): ConfigFault[] {
  const [least, most] = RANGES[name]!;
  if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return [];
  const found = typeof value === 'number' ? `${value}` : kindOf(value);
  return [
    { path: `@SessionLock().${name}`, message: `is ${found}; allowed are ${least} to ${most} seconds` },
  ];
}
