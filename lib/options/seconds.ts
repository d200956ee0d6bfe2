const foreign = new WeakSet<object>();

/** Marks a group of options whose seconds another program's configuration has set, where no number is a slip. */
export function inForeignSeconds<T extends object>(group: T): T {
  foreign.add(group);
  return group;
}

/** Reports whether {@link inForeignSeconds} has marked a group. */
export const hasForeignSeconds = (group: unknown): boolean => foreign.has(Object(group) as object);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_IN_SECONDS = 86_400;

/** Reports whether a number of seconds is probably one of milliseconds: whole minutes of milliseconds, from five on, that
 *  are not whole days of seconds; or whole hours of milliseconds. */
export function looksLikeMilliseconds(value: number): boolean {
  if (value < 5 * MINUTE || value % MINUTE !== 0) return false;
  return value % HOUR === 0 || value % DAY_IN_SECONDS !== 0;
}
