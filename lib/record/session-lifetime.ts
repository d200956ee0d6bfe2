import type { SessionRecord } from './session-record.js';

/** When sessions end and what is done on the way. Seconds; 0 for never. */
export interface SessionTimeouts {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  /** Between two periodic regenerations. */
  readonly regenerateInterval: number;
  /** How long an old id leads to its successor, and how long an ended one is remembered. */
  readonly graceTime: number;
  /** Between two touches. */
  readonly touchInterval: number;
}

/** How far the clocks of two servers may be apart. */
export const CLOCK_SKEW = 60;
const HOUR = 3600;
/** The last moment of a 32-bit frame: for rows of sessions that never end. */
export const NEVER = 0xffffffff;

export const toSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
export const toDate = (seconds: number): Date => new Date(seconds * 1000);

/** Whether the clocks of a record hold at `now`: the stricter of what was sealed and what is configured counts. */
export function isAlive(record: SessionRecord, now: number, timeouts: SessionTimeouts): boolean {
  const { idIssuedAt, lastSeenAt } = record;
  return idIssuedAt <= lastSeenAt && lastSeenAt <= now + CLOCK_SKEW && now < endOf(record, timeouts);
}

/** When the session ends unless it is used, in seconds since 1970. */
export function endOf(record: SessionRecord, timeouts: SessionTimeouts): number {
  const idle = stricter(record.idleTimeout, timeouts.idleTimeout);
  const begun = Math.max(record.authenticatedAt, record.createdAt);
  const absolute = stricter(record.deadline, timeouts.absoluteTimeout && begun + timeouts.absoluteTimeout);
  return stricter(absolute, idle && record.lastSeenAt + idle) || NEVER;
}

/** Upper bound of a row's life, rounded up to the hour so that its index entry seldom moves. */
export const rowDeadline = (record: SessionRecord, timeouts: SessionTimeouts): Date =>
  toDate(Math.min(NEVER, Math.ceil(endOf(record, timeouts) / HOUR) * HOUR));

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

/** The smaller of two limits, where 0 is none. */
function stricter(a: number, b: number): number {
  if (!a || !b) return a || b;
  return Math.min(a, b);
}
