import pg from 'pg';
import { vi } from 'vitest';

/** The texts of the statements that reach a connection of `pg` while `act` runs. */
export async function statementsOf(act: () => Promise<unknown>): Promise<string[]> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return query.mock.calls.map(([one]) => textOf(one));
  } finally {
    query.mockRestore();
  }
}

const textOf = (one: unknown): string => (typeof one === 'string' ? one : (one as { text: string }).text);
