import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { sessionCookie } from 'nestjs-session-crypto/testing';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { statementsOf } from '../support/statements.js';
import { SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1';

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  SERVER_STORES.map(([name, make]) => [adapter, name, make] as const),
);

describe.each(combinations)(
  "the list of a subject's sessions on %s in the %s store",
  (adapter, kind, make) => {
    it('shows browser and system of each login, and the network only where that is asked for', async () => {
      for (const keepNetwork of [false, true]) {
        const app = await ScriptApp.start({ store: make(database), session: { keepNetwork } }, adapter);
        const subject = `devices ${adapter} ${keepNetwork}`;
        const phone = app.client();
        for (const [client, agent] of [[phone, SAFARI] as const, [app.client(), FIREFOX] as const]) {
          await client.run((session) => session.login(subject), { headers: { 'user-agent': agent } });
          app.ahead += 10;
        }
        await phone.run((session) => session.set('n', 1), { headers: { 'user-agent': FIREFOX } });
        app.ahead += 901;
        await phone.run(() => undefined); // renews the id
        const network = keepNetwork ? '127.0.0.0/24' : undefined;
        expect(await app.sessions.list(subject)).toMatchObject([
          { browser: 'Safari', system: 'iOS', network },
          { browser: 'Firefox', system: 'Windows', network },
        ]);
      }
    });

    it('shows what a client without a name leaves open', async () => {
      const app = await ScriptApp.start({ store: make(database) }, adapter);
      const subject = `nameless ${adapter}`;
      await app.client().run((session) => session.login(subject));
      expect(await app.sessions.list(subject)).toMatchObject([{ browser: undefined, network: undefined }]);
    });

    it('shows no session that has reached its absolute end, though its row is there until the hour', async () => {
      const session = { idleTimeout: 0, absoluteTimeout: 600 };
      const app = await ScriptApp.start({ store: make(database), session }, adapter);
      const subject = `ended ${adapter}`;
      await app.client().run((one) => one.login(subject));
      app.ahead = 500;
      expect(await app.sessions.list(subject)).toHaveLength(1);
      app.ahead = 601;
      expect(await app.sessions.list(subject)).toEqual([]);
    });

    it('shows a session that one of two contexts still accepts', async () => {
      const app = await ScriptApp.start(
        {
          store: make(database),
          session: { idleTimeout: 0, absoluteTimeout: 600 },
          contexts: [{ path: '/run', session: { absoluteTimeout: 1200 } }],
        },
        adapter,
      );
      const subject = `accepted ${adapter}`;
      const headers = { 'user-agent': FIREFOX };
      await app.client().run((session) => session.login(subject), { headers });
      app.ahead = 601;
      expect(await app.sessions.list(subject)).toMatchObject([{ browser: 'Firefox' }]);
      app.ahead = 1201;
      expect(await app.sessions.list(subject)).toEqual([]);
    });

    it.runIf(kind === 'postgres')('has none of it in a column', async () => {
      const app = await ScriptApp.start({ store: make(database), session: { keepNetwork: true } }, adapter);
      await app.client().run((session) => session.login('hidden'), { headers: { 'user-agent': FIREFOX } });
      const rows = JSON.stringify(
        await database.dataSource.query(`SELECT *, encode("sealed", 'escape') FROM "${database.table}"`),
      );
      expect(rows).toContain('hidden');
      expect(rows).not.toMatch(/Firefox|Windows|127\.0/);
    });
  },
);

it('the list of a subject shows a session that another application has sealed', async () => {
  const store = memoryStore();
  const [app, other] = [
    await ScriptApp.start({ store }),
    await ScriptApp.start({ store, crypto: { secrets: [`hex:${'22'.repeat(32)}`] } }),
  ];
  await other.client().run((session) => session.login('ada'));
  expect(await app.sessions.list('ada')).toMatchObject([{ browser: undefined }]);
});

describe('the list of a thousand sessions of one subject', () => {
  const begin = async (app: ScriptApp, subject: string) => {
    for (let i = 0; i < 1000; i++) await sessionCookie(app.app, { subject });
  };

  it('loads a hundred of them at once', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store });
    await begin(app, 'ada');
    let [running, most] = [0, 0];
    const load = store.load.bind(store);
    vi.spyOn(store, 'load').mockImplementation(async (key) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return load(key);
    });
    const ids = (await app.sessions.list('ada')).map(({ id }) => id);
    expect([new Set(ids).size, most]).toEqual([1000, 100]);
  });

  it('takes ten statements beside those that find them', async () => {
    const app = await ScriptApp.start({ store: typeOrmStore(database) });
    await begin(app, 'a thousand');
    let listed: unknown[] = [];
    const statements = await statementsOf(async () => void (listed = await app.sessions.list('a thousand')));
    const loads = statements.filter((text) => text.includes('= ANY('));
    expect([listed.length, loads.length, statements.length]).toEqual([1000, 10, 12]);
  });
});
