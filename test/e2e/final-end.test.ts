import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { AGING_STORES, type AgingStore } from './support/aging-store.js';
import { underWay } from './support/hold.js';

const HOUR = 3600;

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

/** Uses a session every ten minutes, from one moment to another, while what expires is removed. */
async function use(app: ScriptApp, { pruneAsOf }: AgingStore, client: Client, from: number, to: number) {
  for (let ahead = from; ahead <= to; ahead += 600) {
    app.ahead = ahead;
    await pruneAsOf(ahead);
    await client.run((session) => session.subject);
  }
}

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  AGING_STORES.map(([name, store]) => [adapter, name, store] as const),
);

describe.each(combinations)('the end of a session on %s in the %s store', (adapter, _, aging) => {
  it('is final where a request that runs for hours logs out what was regenerated and renewed', async () => {
    const held = aging(database);
    const app = await ScriptApp.start({ store: held.store }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const leaving = await underWay(client.copy(), (session) => session.logout());
    app.ahead = 30;
    await client.run((session) => session.regenerate());
    await use(app, held, client, 600, 3 * HOUR);
    expect(await subjectOf(client)).toBe('ada');
    await leaving.finish();
    expect(await subjectOf(client)).toBe(null);
  });

  it('is final where the subject has logged in again meanwhile', async () => {
    const app = await ScriptApp.start({ store: aging(database).store }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const leaving = await underWay(client.copy(), (session) => session.logout());
    await client.run((session) => session.login('ada'));
    await leaving.finish();
    expect(await subjectOf(client)).toBe(null);
  });

  it('does not reach the login of a visitor whose earlier request ends', async () => {
    const app = await ScriptApp.start({ store: aging(database).store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', ['tea']));
    const leaving = await underWay(client.copy(), (session) => session.logout());
    await client.run((session) => session.login('ada'));
    await leaving.finish();
    expect(await subjectOf(client)).toBe('ada');
  });

  it('comes by revoke() with an id that was renewed since its page was shown', async () => {
    const held = aging(database);
    const app = await ScriptApp.start({ store: held.store }, adapter);
    const client = app.client();
    const id = (await client.result(async (session) => {
      await session.login('bob');
      return session.id;
    })) as string;
    await use(app, held, client, 600, 3 * HOUR);
    await app.sessions.revoke(id, { subject: 'eve' });
    expect(await subjectOf(client)).toBe('bob');
    await app.sessions.revoke(id, { subject: 'bob' });
    expect(await subjectOf(client)).toBe(null);
  });

  it('spares the session that revokeSubject() excepts by an id that was renewed since', async () => {
    const held = aging(database);
    const app = await ScriptApp.start({ store: held.store }, adapter);
    const [here, there] = [app.client(), app.client()];
    for (const client of [here, there]) await client.run((session) => session.login('cleo'));
    const except = (await here.result((session) => session.id)) as string;
    await use(app, held, here, 600, HOUR);
    await app.sessions.revokeSubject('cleo', { except });
    expect(await subjectOf(here)).toBe('cleo');
    expect(await subjectOf(there)).toBe(null);
  });

  it('comes once for an old cookie that is used again and again', async () => {
    const held = aging(database);
    const app = await ScriptApp.start({ store: held.store, session: { onReuse: 'end' } }, adapter);
    const client = app.client();
    await client.run((session) => session.login('dora'));
    const stale = client.copy();
    await use(app, held, client, 901, 1000);
    app.ahead = 1000;
    await stale.copy().run((session) => session.subject);
    expect(await subjectOf(client)).toBe(null);
    const back = app.client();
    await back.run((session) => session.login('dora'));
    await stale.copy().run((session) => session.subject);
    expect(await subjectOf(back)).toBe('dora');
    expect(app.seen('reused')).toHaveLength(2);
  });
});

it('cannot be undone by a row that was forged from the pointer that regenerate() has left', async () => {
  const { dataSource, table } = database;
  const app = await ScriptApp.start({ store: AGING_STORES[1]![1](database).store });
  const client = app.client();
  for (const move of ['regenerate', 'relogin', 'login'] as const) {
    await client.run((session) => (move === 'login' ? session.set('n', 1) : session.login('mallory')));
    const old = client.copy();
    await client.run((session) => (move === 'regenerate' ? session.regenerate() : session.login('mallory')));
    await dataSource.query(`UPDATE "${table}" SET "state" = 1 WHERE "state" = 2`);
    expect(await subjectOf(old)).toBe(null);
    expect(await subjectOf(client)).toBe('mallory');
    await client.run((session) => session.logout());
  }
});
