import { SessionStoreError } from '../../errors/session-store.error.js';
import { TimeoutError } from '../time-limit.js';
import type { Lease } from './connection.interface.js';
import { isDemoted } from './primary-check.js';

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
    lease.release(broken ?? (isSpoiledBy(error) ? (error as Error) : undefined));
    throw error;
  }
}

/** Work that took too long may go on: its connection must not be anybody else's by then. A connection whose server takes no
 *  writes is of no use. */
const isSpoiledBy = (error: unknown): boolean =>
  error instanceof TimeoutError || (error instanceof SessionStoreError && isDemoted(error.reason));
