import { SessionStateError } from '../errors/session-state.error.js';
import { checkKey, toJsonValue } from './json-value.js';
import type { JsonObject } from './session-data.interface.js';
import type { SessionTimeouts } from './session-lifetime.js';
import { emptyRecord, type SessionRecord } from './session-record.js';
import { faultOfSubject } from './subject.js';

/** What a session is wanted to be: by a test, or by an operator on the command line. */
export interface WantedSession<T = Record<string, unknown>> {
  /** The user who is logged in. @default nobody */
  readonly subject?: string;
  /** The values, by key. */
  readonly data?: Partial<T>;
  /** Seconds since the session began, by a login if there is a subject. @default 0 */
  readonly age?: number;
  /** Seconds since the last request. More than `session.idleTimeout` makes a session that has ended. @default 0 */
  readonly idle?: number;
}

/** Returns the record of a wanted session at `now`. Throws a SessionStateError for a value or subject that no handler could
 *  set. */
export function sessionRecordOf(
  { subject, data = {}, age = 0, idle = 0 }: WantedSession<object>,
  now: number,
  { idleTimeout, absoluteTimeout }: SessionTimeouts,
): SessionRecord {
  const fault = subject === undefined ? undefined : faultOfSubject(subject);
  if (fault) throw new SessionStateError('ERR_SESSION_VALUE', `The subject ${fault}`);
  const begun = now - Math.max(age, idle);
  const seen = now - idle;
  return {
    ...emptyRecord(begun, idleTimeout, absoluteTimeout),
    idIssuedAt: seen,
    lastSeenAt: seen,
    authenticatedAt: subject === undefined ? 0 : begun,
    subject,
    data: jsonOf(data),
  };
}

function jsonOf(data: object): JsonObject {
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  for (const [key] of entries) checkKey(key);
  return Object.fromEntries(entries.map(([key, value]) => [key, toJsonValue(value, key)]));
}
