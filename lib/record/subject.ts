import { kindOf } from '../errors/session-config.error.js';

/** The longest subject, in UTF-16 units as JavaScript counts them. An index of every database can hold it. */
const MAX_LENGTH = 255;

/** Returns why a value cannot be the subject of a session, `undefined` if it can. The rule is the same for every store,
 *  although some of them could keep more. The text never contains the value. */
export function faultOfSubject(value: unknown): string | undefined {
  if (typeof value !== 'string') return `is ${kindOf(value)}; allowed is a text`;
  if (!value) return 'is empty';
  if (value.length > MAX_LENGTH) return `has ${value.length} characters; allowed are at most ${MAX_LENGTH}`;
  if (value.includes('\0')) return 'contains a NUL, which databases cannot keep';
  return /\p{Surrogate}/u.test(value) ? 'contains half of a surrogate pair, which is no letter' : undefined;
}

export const isSubject = (value: unknown): value is string => faultOfSubject(value) === undefined;
