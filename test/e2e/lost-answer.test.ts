import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { AGING_STORES } from './support/aging-store.js';
import { loseNext, type Loss } from './support/losing-store.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const LOSSES: readonly [string, readonly Loss[]][] = [
  ['the answer to a write', ['answer']],
  ['a write', ['write']],
  ['a write, and the answer to the next one', ['write', 'answer']],
];
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  AGING_STORES.flatMap(([name, store]) =>
    LOSSES.map(([title, losses]) => [title, adapter, name, store, losses] as const),
  ),
);
const seenBy = (client: Client) =>
  client.result((session) => [
    session.subject ?? null,
    session.get('cart') ?? null,
    session.get('n') ?? null,
  ]);

describe.each(combinations)('when %s is lost, on %s in the %s store', (_, adapter, _name, aging, losses) => {
  const start = async () => {
    const store = aging(database).store as SessionStore;
    const app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', ['tea']));
    return { app, store, client };
  };

  it('a login answers with its cookie', async () => {
    const { app, store, client } = await start();
    loseNext(store, 'move', losses);
    const { status, cookies } = await client.run((session) => session.login('ada'));
    expect([status, cookies.length]).toEqual([201, 1]);
    expect(await seenBy(client)).toEqual(['ada', ['tea'], null]);
    expect(app.seen('storeDown')).toEqual([]);
  });

  it('a regeneration answers with its cookie', async () => {
    const { store, client } = await start();
    loseNext(store, 'move', losses);
    const { status, cookies } = await client.run((session) => session.regenerate());
    expect([status, cookies.length]).toEqual([201, 1]);
    expect(await seenBy(client)).toEqual([null, ['tea'], null]);
  });

  it('a periodic renewal answers with its cookie', async () => {
    const { app, store, client } = await start();
    app.ahead = 901;
    loseNext(store, 'move', losses);
    expect((await client.run((session) => session.subject)).cookies).toHaveLength(1);
    app.ahead = 1000;
    expect(await seenBy(client)).toEqual([null, ['tea'], null]);
    expect(app.seen('reused')).toEqual([]);
  });

  it('a logout is done', async () => {
    const { app, store, client } = await start();
    await client.run((session) => session.login('ada'));
    const copy = client.copy();
    loseNext(store, 'destroy', losses);
    expect((await client.run((session) => session.logout())).status).toBe(201);
    expect(await seenBy(copy)).toEqual([null, null, null]);
    expect(app.seen('signedOut')).toMatchObject([{ subject: 'ada', why: 'logout' }]);
  });

  it('a new session answers with its cookie', async () => {
    const { app, store } = await start();
    const client = app.client();
    loseNext(store, 'create', losses);
    expect((await client.run((session) => session.set('n', 1))).cookies).toHaveLength(1);
    expect(await seenBy(client)).toEqual([null, null, 1]);
  });

  it('an increment counts once', async () => {
    const { store, client } = await start();
    loseNext(store, 'replace', losses);
    expect((await client.run((session) => session.increment('n'))).status).toBe(201);
    expect(await seenBy(client)).toEqual([null, ['tea'], 1]);
  });

  it('the outcome is looked up again when the look itself is lost', async () => {
    const { store, client } = await start();
    const move = store.move.bind(store);
    store.move = async (...args) => {
      store.move = move;
      loseNext(store, 'load', ['write', 'write']);
      if (losses[0] === 'answer') await move(...args);
      throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
    };
    expect((await client.run((session) => session.login('ada'))).cookies).toHaveLength(1);
    expect(await seenBy(client)).toEqual(['ada', ['tea'], null]);
  });
});

describe.each(
  ADAPTER_NAMES.flatMap((adapter) => AGING_STORES.map(([name, store]) => [adapter, name, store] as const)),
)(
  'when the answer to an increment is lost and another process has incremented since, on %s in the %s store',
  (adapter, _, aging) => {
    it('answers 503 and counts neither twice', async () => {
      const store = aging(database).store as SessionStore;
      const app = await ScriptApp.start({ store }, adapter);
      const other = await ScriptApp.start({ store }, adapter);
      const client = app.client();
      await client.run((session) => session.set('n', 0));
      const replace = store.replace.bind(store);
      store.replace = async (...args) => {
        store.replace = replace;
        await replace(...args);
        await client.copy(other.url).run((session) => session.increment('n'));
        throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
      };
      expect((await client.run((session) => session.increment('n'))).status).toBe(503);
      expect(await client.result((session) => session.get('n'))).toBe(2);
    });
  },
);
