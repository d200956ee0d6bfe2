import { SessionStoreError } from '../../errors/session-store.error.js';
import { TimeoutError } from '../time-limit.js';
import type { Lease } from './connection.interface.js';
import { isDemoted } from './primary-check.js';
import { inTimeFor } from './statement.interface.js';

/** The times of a transaction. */
export interface TransactionLimits {
  /** Milliseconds that the server waits between two statements. */
  readonly idle: number;
  /** The moment by the database's clock, in milliseconds since 1970, after which it must not be committed any more. */
  readonly moment: number;
}

/** Begins a transaction, does the work, and commits it or rolls it back. A COMMIT that arrives too late fails with the SQLSTATE
 *  {@link TOO_LATE}: the statements before it were in time. A connection that cannot even roll back is destroyed. */
export async function inTransaction<R>(
  lease: Lease,
  ask: (text: string) => Promise<unknown>,
  { idle, moment }: TransactionLimits,
  work: () => Promise<R>,
): Promise<R> {
  try {
    await ask(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${idle}`,
    );
    const result = await work();
    await ask(`SELECT ${inTimeFor(moment)}; COMMIT`);
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
