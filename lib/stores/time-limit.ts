import { clearTimeout, setTimeout } from 'node:timers';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { Done } from './done.js';
import { inNoRequest } from './no-request.js';

/** Nothing came in time. */
export class TimeoutError extends Error {
  readonly code = 'timeout';
}

/** Throws a SessionStoreError after `until` (`performance.now()`). */
export function refuseAfter(until: number, operation: string): void {
  if (performance.now() > until) throw new SessionStoreError(operation, 'timeout');
}

/** Something that waits at most until a moment of `performance.now()`. */
export interface Wait {
  readonly until: number;
  /** Called once at that moment, unless the wait has ended before. */
  readonly late: () => void;
  /** Its place among the waits, while it is there. */
  place?: number;
}

/** The part of a time limit in which a step ends, so that its own error comes before that of the one who waits. */
export const BUDGET = 0.9;

/** The longest delay of `setTimeout`, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** The waits, in no order, before places that are free. Not a Set, for the reason that ShortLivedMap names. */
const waits: (Wait | undefined)[] = [];
let count = 0;

/** The one timer of all waits, in the AsyncLocalStorage of no request. It stays as it is when a wait ends: most statements end
 *  in time, and two calls of the timer queue for each would cost more than a wake-up in a few seconds. It goes off for the first
 *  wait at the latest. It is Node's own: a false one of a test would never go off once the test has put the true ones back, and
 *  one of jsdom has no `ref`. */
let timer: NodeJS.Timeout | undefined;
/** When the timer goes off. */
let next = Infinity;

/** Begins a wait. Only {@link endWait} and its moment end it. */
export function beginWait(wait: Wait): void {
  wait.place = count;
  waits[count++] = wait;
  if (wait.until < next) arm(wait.until);
  else if (count === 1) timer?.ref();
}

/** Reports whether the wait was there. */
export function endWait(wait: Wait): boolean {
  const { place = 0 } = wait;
  if (waits[place] !== wait) return false;
  const last = waits[--count]!;
  waits[count] = undefined;
  if (last !== wait) waits[(last.place = place)] = last;
  if (!count) timer?.unref();
  return true;
}

function arm(until: number): void {
  clearTimeout(timer);
  next = until;
  const delay = Math.min(LONGEST, Math.max(0, Math.ceil(until - performance.now())));
  timer = until === Infinity ? undefined : inNoRequest(() => setTimeout(ring, delay));
}

function ring(): void {
  const now = performance.now();
  let first = Infinity;
  const over: Wait[] = [];
  for (const wait of waits) {
    if (!wait) break;
    if (wait.until > now) first = Math.min(first, wait.until);
    else over.push(wait);
  }
  arm(first);
  for (const wait of over) if (endWait(wait)) callLate(wait);
  if (!count) timer?.unref();
}

/** A listener of the application's pool may throw here, as it may in any other callback. It takes no limit from the others. */
function callLate({ late }: Wait): void {
  try {
    late();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** Calls `ask`, and `done` once: with what comes, or with a TimeoutError at `until` (`performance.now()`). */
export function askWithin<T>(until: number, ask: (done: Done<T>) => void, done: Done<T>): void {
  let isOpen = true;
  const finish: Done<T> = (error, result) => {
    if (!isOpen) return;
    isOpen = false;
    endWait(wait);
    done(error, result);
  };
  const wait = { until, late: () => finish(new TimeoutError('timeout')) };
  beginWait(wait);
  try {
    ask(finish);
  } catch (error) {
    finish(error);
  }
}

/** Resolves or rejects as `result` does; rejects with a TimeoutError at `until` (`performance.now()`) if that comes first. */
export function within<T>(until: number, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const wait = { until, late: () => reject(new TimeoutError('timeout')) };
    beginWait(wait);
    result.then(
      (value) => {
        endWait(wait);
        resolve(value);
      },
      (error: unknown) => {
        endWait(wait);
        reject(error as Error);
      },
    );
  });
}
