import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
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
