import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { Client, ScriptApp } from '../support/script-app.js';

let database: TestDatabase;
let app: ScriptApp;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe.each(ADAPTER_NAMES)('statements of a request on %s, counted at the connection', (adapter) => {
  beforeEach(async () => {
    app = await ScriptApp.start({ store: typeOrmStore(database) }, adapter);
    client = app.client();
    await client.run((session) => session.set('n', 1));
  });

  it('are none where the session is not touched', async () => {
    expect(await statementsOf(() => client.send('GET', '/untouched'))).toBe(0);
  });

  it('are none for a cookie that is not ours', async () => {
    const stranger = app.client();
    stranger.jar.set('sid', 'A'.repeat(71));
    expect(await statementsOf(() => stranger.run((session) => session.get('n')))).toBe(0);
  });

  it('are one for a read, without Set-Cookie', async () => {
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toBe(1);
    expect((await client.run((session) => session.get('n'))).cookies).toEqual([]);
  });

  it('are two for a change, however many keys', async () => {
    expect(
      await statementsOf(() =>
        client.run((session) => {
          session.set('n', Math.random());
          session.set('m', 1);
        }),
      ),
    ).toBe(2);
  });

  it('are one for a new session', async () => {
    expect(await statementsOf(() => app.client().run((session) => session.set('n', 1)))).toBe(1);
  });

  it('are two for a login that keeps what the visitor had, one for one who had nothing', async () => {
    expect(await statementsOf(() => client.run((session) => session.login('ada')))).toBe(2);
    expect(await statementsOf(() => app.client().run((session) => session.login('ada')))).toBe(1);
  });

  it('are three for a login whose handler saves what it sets afterwards', async () => {
    const login = () =>
      client.run(async (session) => {
        await session.login('ada');
        await session.save();
        session.set('seen', Math.random());
      });
    expect(await statementsOf(login)).toBe(3);
  });

  it('are two for a logout', async () => {
    expect(await statementsOf(() => client.run((session) => session.logout()))).toBe(2);
  });

  it('are two for a read when the touch is due, and one for the next read', async () => {
    app.ahead = 61;
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toBe(2);
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toBe(1);
  });
});

/** What reaches a pg connection while `act` runs. */
async function statementsOf(act: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return query.mock.calls.length;
  } finally {
    query.mockRestore();
  }
}
