import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, OpensslDriver, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { slowDriver } from '../support/slow-driver.js';

let app: ScriptApp;

const DRIVERS = { webcrypto: 'webcrypto', 'a slow driver': slowDriver(new OpensslDriver()) } as const;
const STORES = {
  cookie: () => cookieStore({ acceptReplay: true }),
  memory: () => memoryStore(),
};
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  Object.entries(STORES).flatMap(([name, store]) =>
    Object.entries(DRIVERS).map(([said, driver]) => ({
      adapter,
      name,
      store,
      said,
      driver,
    })),
  ),
);

describe.each(combinations)(
  'A session on $adapter in the $name store through $said',
  ({ adapter, store, driver }) => {
    const start = async (options: Partial<SessionCryptoOptions> = {}) =>
      (app = await ScriptApp.start(
        { crypto: { secrets: [SECRET], driver, keyCache: 0 }, store: store(), ...options },
        adapter,
      ));

    it('logs in, changes and logs out', async () => {
      await start();
      const client = app.client();
      expect((await client.get('/untouched')).cookies).toEqual([]);
      await client.run((session) => session.set('cart', ['tea']));
      const before = client.cookie;
      await client.result(async (session) => session.login('ada'));
      expect(client.cookie).not.toBe(before);
      await client.run((session) => session.update('cart', (cart) => [...(cart as string[]), 'milk']));
      const read = (session: { subject?: string; get(key: string): unknown }) => [
        session.subject,
        session.get('cart'),
      ];
      expect(await client.result(read)).toEqual(['ada', ['tea', 'milk']]);
      expect((await client.run(read)).cookies).toEqual([]);
      await client.result(async (session) => session.logout());
      expect(
        await client.result((session) => [session.subject ?? null, session.get('cart') ?? null]),
      ).toEqual([null, null]);
      expect(app.seen()).toEqual(['created', 'signedIn', 'regenerated', 'ended', 'signedOut']);
    });

    it('keeps a hundred visitors apart that come at once', async () => {
      await start();
      const clients = Array.from({ length: 100 }, () => app.client());
      await Promise.all(clients.map((client, i) => client.run((session) => session.set('visitor', i))));
      const seen = await Promise.all(
        clients.map((client) => client.result((session) => session.get('visitor'))),
      );
      expect(seen).toEqual(clients.map((_, i) => i));
    });

    it('has no session for a cookie that was changed', async () => {
      await start();
      const client = app.client();
      await client.run((session) => session.set('n', 1));
      const [[name, value]] = [...client.jar] as [[string, string]];
      client.jar.set(name, `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`);
      expect(await client.result((session) => session.get('n') ?? null)).toBeNull();
      expect(app.seen('rejected')).toHaveLength(1);
    });
  },
);
