import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStateError } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const REFUSED = ['', 'ada\0', '\ud83d', 'a\udc00b', 'x'.repeat(256), 'x'.repeat(4000)];
const ACCEPTED = ['x'.repeat(255), 'Łucja', '山田 太郎', '😀'.repeat(127), "'; --", '100%'];

describe.each(ADAPTER_NAMES)('on %s', (adapter) => {
  describe.each(ALL_STORES)('with the store %s', (_, make) => {
    it('login refuses what some store cannot keep, and the store stays up', async () => {
      const app = await ScriptApp.start({ store: make(database) }, adapter);
      for (const subject of REFUSED) {
        const result = await app
          .client()
          .result((session) => session.login(subject).catch((error: SessionStateError) => error.code));
        expect(result).toBe('ERR_SESSION_VALUE');
      }
      expect(app.seen('storeDown')).toEqual([]);
    });

    it('login accepts every letter', async () => {
      const app = await ScriptApp.start({ store: make(database) }, adapter);
      for (const subject of ACCEPTED) {
        const client = app.client();
        await client.result((session) => session.login(subject));
        expect(await client.result((session) => session.subject)).toBe(subject);
      }
    });
  });

  describe.each(SERVER_STORES)('with the store %s', (_, make) => {
    it('a subject that cannot log in has no sessions, and the store stays up', async () => {
      const app = await ScriptApp.start({ store: make(database) }, adapter);
      for (const subject of REFUSED) {
        expect(await app.sessions.list(subject)).toEqual([]);
        expect(await app.sessions.revokeSubject(subject)).toBe(0);
      }
      expect(app.seen('storeDown')).toEqual([]);
    });

    it('lists and counts no session that has idled out', async () => {
      const app = await ScriptApp.start({ store: make(database), session: { idleTimeout: 600 } }, adapter);
      const before = await app.sessions.count();
      const subject = `idle ${adapter}`;
      await app.client().result((session) => session.login(subject));
      expect([await app.sessions.list(subject), (await app.sessions.count()) - before]).toMatchObject([
        [{}],
        1,
      ]);
      app.ahead = 570; // a slow machine takes seconds from the login to here
      expect(await app.sessions.list(subject)).toHaveLength(1);
      app.ahead = 601;
      expect([await app.sessions.list(subject), await app.sessions.count()]).toEqual([[], 0]);
    });

    it('shows idle sessions where nothing idles out', async () => {
      const app = await ScriptApp.start({ store: make(database), session: { idleTimeout: 0 } }, adapter);
      const subject = `never idle ${adapter}`;
      await app.client().result((session) => session.login(subject));
      app.ahead = 20_000;
      expect(await app.sessions.list(subject)).toHaveLength(1);
    });
  });
});
