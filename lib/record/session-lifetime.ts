import type { SessionRecord } from './session-record.js';

/** The timeouts of sessions. All are seconds; 0 means never. */
export interface SessionTimeouts {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  /** Seconds between two periodic renewals of the id. */
  readonly regenerateInterval: number;
  /** The grace period: how long an old id leads to its successor, and how long an ended session keeps its tombstone. */
  readonly graceTime: number;
  /** Seconds between two moves of the idle clock. */
  readonly touchInterval: number;
}

/** Seconds by which the clocks of two servers may differ. A session from the near future is therefore alive. */
export const CLOCK_SKEW = 60;
const HOUR = 3600;
const DAY = 86_400;
/** The last moment that 32 bits can hold (the year 2106), for rows of sessions that never end. */
export const NEVER = 0xffffffff;

export const toSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
export const toDate = (seconds: number): Date => new Date(seconds * 1000);

/** Reports whether a session is alive at `now`. The stricter of the sealed and the configured timeouts counts, so
 *  that a shorter timeout takes effect at once. */
export function isAlive(record: SessionRecord, now: number, timeouts: SessionTimeouts): boolean {
  const { idIssuedAt, lastSeenAt } = record;
  return idIssuedAt <= lastSeenAt && lastSeenAt <= now + CLOCK_SKEW && now < endOf(record, timeouts);
}

/** Returns the moment at which the session ends unless a request uses it, in seconds since 1970; {@link NEVER} for
 *  no end. */
export function endOf(record: SessionRecord, timeouts: SessionTimeouts): number {
  return stricter(absoluteEndOf(record, timeouts), idleEndOf(record, timeouts)) || NEVER;
}

/** Returns the moment at which the session ends unless a request uses it before; 0 for no such end. */
export function idleEndOf({ idleTimeout, lastSeenAt }: SessionRecord, timeouts: SessionTimeouts): number {
  const idle = stricter(idleTimeout, timeouts.idleTimeout);
  return idle && lastSeenAt + idle;
}

/** Returns the moment at which the session ends however often it is used; 0 for no such end. */
export function absoluteEndOf(record: SessionRecord, { absoluteTimeout }: SessionTimeouts): number {
  const begun = Math.max(record.authenticatedAt, record.createdAt);
  return stricter(record.deadline, absoluteTimeout && begun + absoluteTimeout);
}

/** Returns an upper bound of a row's life. It is rounded up to the hour, so that the index entry seldom moves and
 *  updates stay HOT in Postgres. */
export const rowDeadline = (record: SessionRecord, timeouts: SessionTimeouts): Date =>
  toDate(Math.min(NEVER, Math.ceil(endOf(record, timeouts) / HOUR) * HOUR));

/** Returns how long an old row points to its successor `record`: until the successor's absolute end. A successor that
 *  requests can keep alive for ever is pointed to until it could have been idle, and for a day at least; otherwise the old
 *  rows of one session would grow in number for ever. */
export function pointerDeadline(record: SessionRecord, now: number, timeouts: SessionTimeouts): Date {
  const absolute = absoluteEndOf(record, timeouts);
  if (absolute) return toDate(Math.min(NEVER, Math.ceil(absolute / HOUR) * HOUR));
  const idle = rowDeadline(record, timeouts);
  return toSeconds(idle) === NEVER ? toDate(now + DAY) : toDate(Math.max(toSeconds(idle), now + DAY));
}

export const isTouchDue = (
  { lastSeenAt }: SessionRecord,
  now: number,
  { touchInterval }: SessionTimeouts,
): boolean => touchInterval > 0 && now - lastSeenAt >= touchInterval;

export const isRegenerationDue = (
  { idIssuedAt }: SessionRecord,
  now: number,
  { regenerateInterval }: SessionTimeouts,
): boolean => regenerateInterval > 0 && now - idIssuedAt >= regenerateInterval;

/** Returns the smaller of two limits, where 0 means no limit. */
function stricter(a: number, b: number): number {
  if (!a || !b) return a || b;
  return Math.min(a, b);
}
