import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { statementsOf } from '../support/statements.js';
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
    expect(await statementsOf(() => client.send('GET', '/untouched'))).toHaveLength(0);
  });

  it('are none for a cookie that is not ours', async () => {
    const stranger = app.client();
    stranger.jar.set('sid', 'A'.repeat(71));
    expect(await statementsOf(() => stranger.run((session) => session.get('n')))).toHaveLength(0);
  });

  it('are one for a read, without Set-Cookie', async () => {
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toHaveLength(1);
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
    ).toHaveLength(2);
  });

  it('are one for a new session', async () => {
    expect(await statementsOf(() => app.client().run((session) => session.set('n', 1)))).toHaveLength(1);
  });

  it('are two for a login that keeps what the visitor had, one for one who had nothing', async () => {
    expect(await statementsOf(() => client.run((session) => session.login('ada')))).toHaveLength(2);
    expect(await statementsOf(() => app.client().run((session) => session.login('ada')))).toHaveLength(1);
  });

  it('are three for a login whose handler saves what it sets afterwards', async () => {
    const login = () =>
      client.run(async (session) => {
        await session.login('ada');
        await session.save();
        session.set('seen', Math.random());
      });
    expect(await statementsOf(login)).toHaveLength(3);
  });

  it('are two for a logout', async () => {
    expect(await statementsOf(() => client.run((session) => session.logout()))).toHaveLength(2);
  });

  it('are three for a read with an id that was renewed, which sends the new one, and one for the next read', async () => {
    const old = client.copy();
    app.ahead = 900;
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toHaveLength(2);
    expect(await statementsOf(() => old.run((session) => session.get('n')))).toHaveLength(3);
    expect(old.cookie).toBe(client.cookie);
    expect(await statementsOf(() => old.run((session) => session.get('n')))).toHaveLength(1);
  });

  it('are two for a read when the touch is due, and one for the next read', async () => {
    app.ahead = 61;
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toHaveLength(2);
    expect(await statementsOf(() => client.run((session) => session.get('n')))).toHaveLength(1);
  });
});
