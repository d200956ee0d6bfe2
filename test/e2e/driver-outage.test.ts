import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cookieStore, memoryStore, type SessionOptions } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { LIBRARY, MISSING, PIN, SoftHsm } from '../support/soft-hsm.js';

const STORES = { cookie: () => cookieStore({ acceptReplay: true }), memory: () => memoryStore() };
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  (Object.keys(STORES) as (keyof typeof STORES)[]).map((store) => ({ adapter, store })),
);

describe.skipIf(MISSING).each(combinations)(
  'on $adapter, with the $store store, a token that is pulled',
  (where) => {
    let hsm: SoftHsm;
    let app: ScriptApp;
    beforeAll(async () => {
      hsm = new SoftHsm();
      hsm.restart();
      const driver = await hsm.driver();
      await driver.generateKey('sessions');
      driver.close();
    });
    afterEach(() => vi.restoreAllMocks());
    afterAll(() => hsm.close());

    const start = async (session: SessionOptions = {}) => {
      const driverParams = { library: LIBRARY, label: 'app', pin: PIN };
      const crypto = {
        driver: 'pkcs11',
        driverParams,
        secrets: [{ key: 'label=sessions' }],
        keyCache: 0,
      } as const;
      app = await ScriptApp.start({ crypto, session, store: STORES[where.store]() }, where.adapter);
      const client = app.client();
      await client.run((current) => current.login('ada'));
      return client;
    };
    /** A token that was away is asked for again after a second. */
    const aSecondPasses = () => {
      const now = performance.now();
      vi.spyOn(performance, 'now').mockReturnValue(now + 1000);
    };

    it('is answered by 503, and ends no session', async () => {
      const client = await start();
      hsm.pull();
      for (let i = 0; i < 3; i++) {
        const { status, body, cookies } = await client.run((session) => session.subject);
        expect([status, cookies]).toEqual([503, []]);
        expect(JSON.stringify(body)).not.toMatch(/CKR|token|label/);
      }
      hsm.putBack();
      aSecondPasses();
      expect(await client.result((session) => session.subject)).toBe('ada');
      expect(app.seen('rejected')).toEqual([]);
    });

    it('is an anonymous session that can only be read, where that is asked for', async () => {
      const client = await start({ onStoreDown: 'anonymous' });
      hsm.pull();
      const read = await client.run((session) => session.subject ?? null);
      expect([read.status, read.body, read.cookies]).toEqual([201, { result: null }, []]);
      hsm.putBack();
      aSecondPasses();
      expect(await client.result((session) => session.subject)).toBe('ada');
    });
  },
);
