import { TimeoutError } from '../time-limit.js';
import type { Lease } from './connection.interface.js';

/** Begins a transaction, does the work, and commits it or rolls it back. A connection that cannot even roll back is destroyed.
 *  `limit` is the time in milliseconds that the server waits between two statements. */
export async function inTransaction<R>(
  lease: Lease,
  ask: (text: string) => Promise<unknown>,
  limit: number,
  work: () => Promise<R>,
): Promise<R> {
  try {
    await ask(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${limit}`,
    );
    const result = await work();
    await ask('COMMIT');
    lease.release();
    return result;
  } catch (error) {
    const broken = await ask('ROLLBACK').then(
      () => undefined,
      (fault: unknown) => fault as Error,
    );
    // Work that took too long may go on: its connection must not be anybody else's by then.
    lease.release(broken ?? (error instanceof TimeoutError ? error : undefined));
    throw error;
  }
}
