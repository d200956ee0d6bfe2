import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, type CookieOptions, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cookieOf } from '../support/ask.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Script } from '../support/script-app.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const combinations = (stores: typeof ALL_STORES) =>
  ADAPTER_NAMES.flatMap((adapter) => stores.map(([name, store]) => [adapter, name, store] as const));

const change: Script = (session) => session.set('n', 1);
/** Requests of visitors without cookies. */
const visit = async (app: ScriptApp, script: Script, count = 5, host?: string) => {
  for (let i = 0; i < count; i++) await app.client().run(script, { headers: { ...(host && { host }) } });
};

describe.each(combinations(ALL_STORES))('a cookie on %s in the %s store', (adapter, _, store) => {
  const start = (cookie: CookieOptions, more: Partial<SessionCryptoOptions> = {}) =>
    ScriptApp.start({ store: store(database), cookie, ...more }, adapter);

  it.each<{ title: string; cookie: CookieOptions; host?: string; says: RegExp }>([
    {
      title: 'its path is another one',
      cookie: { path: '/app' },
      says: /cookie\.path is "\/app", so browsers do not send the cookie to "\/run\/[\w-]+"\. Set cookie\.path/,
    },
    {
      title: 'its path is only the beginning of a name',
      cookie: { path: '/ru' },
      says: /cookie\.path is "\/ru"/,
    },
    {
      title: 'its domain is not above the host',
      cookie: { domain: 'example.test', secure: false },
      host: 'notexample.test',
      says: /cookie\.domain is "example\.test", so browsers refuse the cookie from the host "notexample\.test"\./,
    },
    {
      title: 'the host is an address',
      cookie: { domain: 'example.test' },
      says: /refuse the cookie from the host "127\.0\.0\.1"\./,
    },
    {
      title: 'it is Secure and the connection is not',
      cookie: { secure: true },
      host: 'shop.test',
      says: /cookie\.secure is true, and the request came over plain http/,
    },
  ])('that cannot come back, since $title, begins one session a minute', async ({ cookie, host, says }) => {
    const app = await start(cookie);
    await visit(app, change, 5, host);
    expect(app.seen('created')).toHaveLength(1);
    app.ahead = 60;
    await visit(app, change, 5, host);
    expect(app.seen('created')).toHaveLength(2);
    expect(app.complaints.filter((one) => one.startsWith('A session was not kept'))).toEqual([
      expect.stringMatching(says),
    ]);
  });

  it('has not come back with five cookies that anybody can write', async () => {
    const app = await start({ path: '/app' });
    await visit(app, change, 1);
    const cookie = Array.from({ length: 5 }, (_, i) => `sid=${i}`).join('; ');
    await app.client().run(change, { headers: { cookie } });
    await visit(app, change);
    expect(app.seen('ambiguous')).toHaveLength(1);
    expect(app.seen('created')).toHaveLength(1);
  });

  it('is set by each login, since a login page may stand outside of cookie.path', async () => {
    const app = await start({ path: '/app' });
    await visit(app, (session) => session.login('ada'));
    expect(app.seen('created')).toHaveLength(5);
    expect(app.complaints).toEqual([]);
  });

  it('begins every session once one has come back: a proxy has changed the path', async () => {
    const app = await start({ path: '/app' });
    const client = app.client();
    await client.run(change);
    expect(await client.result((session) => session.get('n'))).toBe(1);
    await visit(app, change);
    expect(app.seen('created')).toHaveLength(6);
    expect(app.complaints).toEqual([]);
  });

  it.each<CookieOptions>([{ path: '/run' }, { path: '/run/' }, { path: '/' }])(
    'begins every session below its path: %j',
    async (cookie) => {
      const app = await start(cookie);
      await visit(app, change);
      expect(app.seen('created')).toHaveLength(5);
    },
  );

  it.each(['example.test', 'shop.example.test', 'EXAMPLE.test:80'])(
    'begins every session on a host of its domain: %s',
    async (host) => {
      const app = await start({ domain: 'example.test', secure: false });
      await visit(app, change, 5, host);
      expect(app.seen('created')).toHaveLength(5);
    },
  );

  it('with a lifetime is sent again when a touch is due, and with each change', async () => {
    const app = await start({ lifetime: 600 }, { session: { regenerateInterval: 0 } });
    const client = app.client();
    await client.run(change);
    const again = [expect.stringMatching(/^sid=[\w-]{50,}; Max-Age=600; /)];
    expect((await client.run((session) => session.get('n'))).cookies).toEqual([]);
    for (const ahead of [300, 600, 900, 1200]) {
      app.ahead = ahead;
      expect((await client.run((session) => session.get('n'))).cookies).toEqual(again);
    }
    expect((await client.run((session) => session.set('n', 2))).cookies).toEqual(again);
  });

  it('is read between double quotes, and stays', async () => {
    const app = await start({});
    const client = app.client();
    const [, value] = cookieOf(await client.run(change)).split('=');
    client.jar.set('sid', `"${value}"`);
    const { body, cookies } = await client.run((session) => session.get('n'));
    expect(body).toEqual({ result: 1 });
    expect(cookies).toEqual([]);
  });
});

describe.each(combinations(SERVER_STORES))('a change on %s in the %s store', (adapter, _, store) => {
  it('that is not kept is reported, and save() says so', async () => {
    const app = await ScriptApp.start({ store: store(database), cookie: { path: '/app' } }, adapter);
    await visit(app, change, 1);
    const { status } = await app.client().run(async (session) => {
      session.set('n', 1);
      await session.save();
    });
    expect(status).toBe(409);
    expect(app.seen('dropped')).toEqual([{ session: 'default', why: 'ended' }]);
  });
});

it('a request cannot forge a line of the log by its path', async () => {
  const app = await ScriptApp.start({ store: memoryStore(), cookie: { path: '/app' } });
  for (const _ of 'twice') await app.client().run(change, { query: `?${'x'.repeat(3000)}` });
  expect(app.complaints).toHaveLength(1);
  expect(app.complaints[0]!.length).toBeLessThan(600);
});
