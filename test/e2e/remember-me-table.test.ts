import { inspect } from 'node:util';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { rememberPlaces } from './support/remember-places.js';
import { ADAPTER_NAMES, subjectOf } from './support/remember-app.js';

const { start, everywhere, inPostgres, table, query } = rememberPlaces();

describe.each(everywhere)('remember-me on $adapter, series in $place', ({ adapter, setup }) => {
  it('shows no secret in lists, events and inspected services', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const tokens = [client.jar.get('remember')!];
    await client.get('/who');
    tokens.push(client.jar.get('remember')!);
    const list = await app.rememberMe.list('ada');
    const shown = [list, app.events, app.rememberMe].map((one) =>
      inspect(one, { depth: 20, showHidden: true }),
    );
    expect(list).toEqual([
      { id: expect.any(String), createdAt: expect.any(Date), lastUsedAt: expect.any(Date) },
    ]);
    for (const token of tokens) expect(shown.join()).not.toContain(token.slice(6, 60));
    expect(inspect(app.rememberMe)).toBe("RememberMeService { session: 'default' }");
  });
});

describe.each(ADAPTER_NAMES)('the statements of a request, counted at the connection, on %s', (adapter) => {
  it('are as many as without remember-me if there is no cookie or somebody is logged in', async () => {
    const app = await start(adapter, inPostgres());
    const client = await app.remembered();
    expect(await statementsOf(() => app.client().get('/who'))).toBe(0);
    expect(await statementsOf(() => client.get('/mine'))).toBe(1);
  });

  it('are none if the session is not loaded, also with the cookie', async () => {
    const app = await start(adapter, inPostgres());
    const client = await app.returning();
    expect(await statementsOf(() => client.get('/untouched'))).toBe(0);
    expect(await statementsOf(() => client.get('/skipped'))).toBe(0);
  });

  it('are three for an automatic login: the series, the new session, the next token', async () => {
    const app = await start(adapter, inPostgres());
    const client = await app.returning();
    expect(await statementsOf(() => client.get('/mine'))).toBe(3);
  });
});

/** Returns the number of statements that reach a pg connection while `act` runs. */
async function statementsOf(act: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return query.mock.calls.length;
  } finally {
    query.mockRestore();
  }
}

describe('a table of series in Postgres', () => {
  it('contains nothing that logs in, and opens no series that was copied into another row', async () => {
    const app = await start('express', inPostgres());
    const client = await app.returning('mallory');
    const [row] = (await query(
      `SELECT encode("key", 'base64') AS "key", encode("sealed", 'base64') AS "sealed" FROM "${table}" WHERE "subject" = 'mallory'`,
    )) as { key: string; sealed: string }[];
    expect(JSON.stringify(row)).not.toContain('mallory');
    await query(`UPDATE "${table}" SET "subject" = 'ada' WHERE "subject" = 'mallory'`);
    expect(await subjectOf(client)).toBe('mallory');
    const other = await app.returning('eve');
    await query(
      `UPDATE "${table}" AS "t" SET "sealed" = "o"."sealed" FROM "${table}" AS "o" WHERE "t"."subject" = 'eve' AND "o"."subject" = 'mallory'`,
    );
    expect(await subjectOf(other)).toBeNull();
  });

  it('is pruned of expired series and of nothing else', async () => {
    const app = await start('express', inPostgres());
    await app.returning('ada');
    await app.returning('eve');
    await query(`UPDATE "${table}" SET "deadline" = now() - interval '1 second' WHERE "subject" = 'eve'`);
    expect(await app.rememberMe.prune()).toBe(1);
    expect([await app.rememberMe.list('ada'), await app.rememberMe.list('eve')]).toMatchObject([[{}], []]);
  });
});
