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
import type { ExplainedSession } from './explanation.interface.js';

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
    return `the session ended ${durationOf(-endsIn)} ago by its ${endedBy}, at ${momentOf(endsAt!)}`;
  if (idIssuedAt > lastSeenAt) return 'the clocks inside are in an order that no session has';
  const ahead = Math.round((lastSeenAt.getTime() - now.getTime()) / 1000);
  return `the session was seen ${durationOf(ahead)} in the future, and ${CLOCK_SKEW} seconds are allowed: the clocks of two servers differ`;
}

/** Returns a moment as people read it, in UTC to the second. */
export const momentOf = (time: Date): string =>
  Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString().replace('T', ' ').replace('.000Z', 'Z');

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Returns seconds in the two largest units that they fill, such as `2 h 5 min`. */
export function durationOf(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = Math.max(
    0,
    UNITS.findIndex(([, size]) => rest >= size),
  );
  const parts = UNITS.slice(rest ? first : -1)
    .slice(0, 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count || size === 1 ? `${count} ${unit}` : '';
    });
  return parts.filter((part, i) => part && (i === 0 || !part.startsWith('0 '))).join(' ');
}
