import { encodeBase64url } from '../../envelope/base64url.js';
import {
  absoluteEndOf,
  CLOCK_SKEW,
  endOf,
  idleEndOf,
  NEVER,
  toDate,
  type SessionTimeouts,
} from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import { durationOf, secondOf } from '../times.js';
import type { ExplainedSession, ExplainOptions, Part } from './explanation.interface.js';

/** Returns the clocks of a session at `now`, in seconds since 1970. `key` is what finds it in public. */
export function sessionFacts(
  record: SessionRecord,
  key: Buffer | undefined,
  timeouts: SessionTimeouts,
  now: number,
): ExplainedSession {
  const [idle, absolute] = [idleEndOf(record, timeouts), absoluteEndOf(record, timeouts)];
  const end = endOf(record, timeouts);
  const isEndless = end === NEVER;
  return {
    id: key && encodeBase64url(key),
    loggedIn: record.subject !== undefined,
    generation: record.generation,
    now: toDate(now),
    createdAt: toDate(record.createdAt),
    idIssuedAt: toDate(record.idIssuedAt),
    lastSeenAt: toDate(record.lastSeenAt),
    authenticatedAt: optional(record.authenticatedAt),
    idleEnd: optional(idle),
    absoluteEnd: optional(absolute),
    endsAt: isEndless ? undefined : toDate(end),
    endsIn: isEndless ? undefined : end - now,
    endedBy: isEndless ? undefined : end === idle ? 'idle timeout' : 'absolute timeout',
  };
}

const optional = (seconds: number): Date | undefined => (seconds ? toDate(seconds) : undefined);

/** Returns the subject and the values of a session, if they are to be shown. */
export const shownData = (
  { subject, data, flash }: SessionRecord,
  { showData }: ExplainOptions,
): Pick<Part, 'data'> => (showData ? { data: { subject, data, flash } } : {});

/** Returns why the clocks of a session end it, as a sentence. */
export function whyExpired({
  endsIn,
  endedBy,
  endsAt,
  lastSeenAt,
  now,
  idIssuedAt,
}: ExplainedSession): string {
  if (endsIn !== undefined && endsIn <= 0)
    return `the session ended ${durationOf(-endsIn)} ago by its ${endedBy}, at ${secondOf(endsAt!)}`;
  if (idIssuedAt > lastSeenAt) return 'the clocks inside are in an order that no session has';
  const ahead = Math.round((lastSeenAt.getTime() - now.getTime()) / 1000);
  return `the session was seen ${durationOf(ahead)} in the future, and ${CLOCK_SKEW} seconds are allowed: the clocks of two servers differ`;
}
