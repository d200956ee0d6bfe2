import { UsageError } from './usage.error.js';

/** Reads the whole number of a flag. Throws a UsageError for anything else, which says what is allowed. */
export function wholeNumberOf(
  flag: string,
  text: string,
  [least, most]: readonly [least: number, most: number],
): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${flag} is no whole number from ${least} to ${most}`);
}
