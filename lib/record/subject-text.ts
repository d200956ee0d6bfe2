import { kindOf } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';

/** Returns the subject that `subjectFrom` means; `undefined` for nobody. Throws a SessionStateError for a value that is no id. */
export function subjectText(subject: unknown): string | undefined {
  if (subject === undefined || subject === null || subject === false) return undefined;
  if (typeof subject === 'string') return subject;
  if (typeof subject === 'number' || typeof subject === 'bigint') return String(subject);
  throw new SessionStateError(
    'ERR_SESSION_VALUE',
    `subjectFrom returned ${kindOf(subject)}; return the id of the user as a text, or undefined for nobody`,
  );
}
