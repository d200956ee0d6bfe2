import { causeOf, SessionStoreError } from '../errors/session-store.error.js';
import { jitter } from './save-queue.js';

/** Codes of errors that come when a statement was sent and its answer was lost, so that nobody knows whether it was done.
 *  `Error` and `unknown` are errors without a code: `pg` reports a closed connection by one. */
const LOST = new Set([
  'timeout',
  'disconnected',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'Error',
  'unknown',
  '08000',
  '08003',
  '08006',
  '08007',
  '08P01', // PgBouncer: "server conn crashed?"
  '40003',
  '57P01',
  '57P02',
]);

/** Codes by which the database is not reached, so that it may be asked again. */
const AWAY = new Set([
  ...LOST,
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '08001',
  '08004',
  '53300',
  '57P03',
  // The connections lead to a replica, until a proxy or a name leads to the new primary.
  'replica',
  '25006',
]);

const UNKNOWN = 'outcome unknown';

/** The answer to a write was lost, and other writes have hidden whether it was done. */
export class OutcomeUnknownError extends SessionStoreError {
  constructor(operation: string) {
    super(operation, UNKNOWN);
  }
}

/** Operations that change nothing. */
const READS: readonly string[] = ['load', 'list', 'scan'];

/** Reports whether this is the error of a write that may be done all the same. */
export const mayBeDone = (error: unknown): boolean =>
  error instanceof SessionStoreError &&
  !READS.includes(error.operation) &&
  (error.reason === UNKNOWN || LOST.has(error.reason));

const hasReason = (error: unknown, reasons: ReadonlySet<string>) => reasons.has(causeOf(error));

/** Writes, and finds out what became of the write if its answer is lost: it looks, repeats a write that was not done, and
 *  waits for a database that starts again. Rejects when `timeout` (milliseconds) has passed.
 *
 *  `write` must do nothing if it has been done. `lookUp` resolves to what `write` resolves to when it is done, if it has been
 *  done, otherwise to `undefined`. After half of the time, nothing is written any more: such a write could act when the
 *  caller has given up. */
export function settleWrite<R>(
  timeout: number,
  write: () => Promise<R>,
  lookUp: () => Promise<R | undefined>,
): Promise<R> {
  const begun = performance.now();
  return write().catch((error: unknown) => {
    if (!hasReason(error, LOST)) throw error;
    return findOut({ begun, timeout, failure: error }, write, lookUp);
  });
}

/** Finds out what became of a write whose answer was lost. */
async function findOut<R>(
  { begun, timeout, failure: first }: { begun: number; timeout: number; failure: unknown },
  write: () => Promise<R>,
  lookUp: () => Promise<R | undefined>,
): Promise<R> {
  const isBefore = (limit: number) => performance.now() - begun < limit;
  let failure = first;
  for (let attempt = 1; isBefore(timeout); attempt++) {
    try {
      const done = await lookUp();
      if (done !== undefined) return done;
      if (!isBefore(timeout / 2)) break;
      return await repeat(write, lookUp);
    } catch (error) {
      if (!hasReason(error, AWAY)) throw error;
      failure = error;
    }
    await jitter(attempt);
  }
  throw failure;
}

/** Writes again. The first write may be done only now, and then refuses this one. */
async function repeat<R>(write: () => Promise<R>, lookUp: () => Promise<R | undefined>): Promise<R> {
  const [result] = await Promise.allSettled([write()]);
  if (result.status === 'rejected' && hasReason(result.reason, AWAY)) throw result.reason;
  const done = await lookUp();
  if (done !== undefined) return done;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
