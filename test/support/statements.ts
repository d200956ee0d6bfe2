import pg from 'pg';
import { vi } from 'vitest';
import { IS_REPLICA } from '../../lib/stores/sql/primary-check.js';

/** The texts of the statements that reach a connection of `pg` while `act` runs, without the question that each new connection
 *  is asked once. */
export async function statementsOf(act: () => Promise<unknown>): Promise<string[]> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return query.mock.calls.map(([one]) => textOf(one)).filter((text) => text !== IS_REPLICA);
  } finally {
    query.mockRestore();
  }
}

const textOf = (one: unknown): string => (typeof one === 'string' ? one : (one as { text: string }).text);
