import { endOf, NEVER, type SessionTimeouts } from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { OriginalSession } from './session-entries.js';

// httpd keeps one end of a session, `expiry`, in microseconds since 1970. A record has clocks in whole seconds.

/** Microseconds of a second. */
export const MICROSECONDS = 1_000_000;

const microseconds = (seconds: number): bigint => BigInt(seconds) * BigInt(MICROSECONDS);

/** Returns the `expiry` to write for a record, or `undefined` for none. An end that httpd or a backend has set counts only
 *  if there is no idle timeout, and then the earlier end is written. */
export function expiryOf(record: SessionRecord, timeouts: SessionTimeouts): bigint | undefined {
  const end = endOf(record, timeouts);
  const native = end === NEVER ? undefined : microseconds(end);
  const fixed = (record.foreign as OriginalSession | undefined)?.fixedExpiry;
  if (native === undefined || fixed === undefined || timeouts.idleTimeout) return native ?? fixed;
  return native < fixed ? native : fixed;
}

/** Returns the `expiry` of a text if httpd or a backend has set it and no idle timeout is configured, which would replace it.
 *  `native` is the record that this package wrote into the text, if any: an expiry that follows from it is no fixed end. */
export function fixedExpiryOf(
  expiry: bigint | undefined,
  native: SessionRecord | undefined,
  timeouts: SessionTimeouts,
): bigint | undefined {
  if (expiry === undefined || timeouts.idleTimeout) return undefined;
  return native && expiry === microseconds(endOf(native, timeouts)) ? undefined : expiry;
}

/** Returns the deadline of a record with a fixed end: whole seconds, not before that end. Returns 0 for no deadline: if
 *  there is no fixed end, or if it lies beyond what a record can hold. */
export function deadlineOf(fixedExpiry: bigint | undefined): number {
  const seconds = fixedExpiry === undefined ? 0 : Math.ceil(Number(fixedExpiry) / MICROSECONDS);
  return seconds < NEVER ? seconds : 0;
}
