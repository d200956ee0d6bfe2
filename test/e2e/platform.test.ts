import { APP_GUARD } from '@nestjs/core';
import {
  cookieStore,
  SessionGuard,
  type CookieOptions,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cached, Forms, Guarded, Open } from './support/gate-guarded.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { cookieOf, type Question } from '../support/ask.js';
import { type AppPlan, startApp, TestApp } from '../support/test-app.js';

const CONTROLLERS = [Open, Guarded, Forms, Cached];

const launchWith = (
  adapter: AdapterName,
  session: Partial<SessionCryptoOptions> = {},
  more: Partial<AppPlan> = {},
) =>
  startApp({
    adapter,
    session: { store: cookieStore({ acceptReplay: true }), ...session },
    controllers: CONTROLLERS,
    ...more,
  });

const BEGIN: Question = { method: 'POST', json: { cart: 'full' } };
const HTTPS = { 'x-forwarded-proto': 'https' };
const BARE = /=[\w-]+/;

/** The cookie lines with their values taken out. */
async function linesWith(
  adapter: AdapterName,
  cookie: CookieOptions,
  headers: Record<string, string> = {},
  trustProxy = false,
) {
  const app = await launchWith(adapter, { cookie }, { trustProxy });
  const answer = await app.ask('/begin', { ...BEGIN, headers });
  expect(answer.status).toBe(201);
  return answer.cookies.map((line) => line.replace(BARE, '=…'));
}

describe.each(ADAPTER_NAMES)('the cookie on %s', (adapter) => {
  it.each<{ title: string; cookie: CookieOptions; line: string }>([
    {
      title: 'between a local browser and server',
      cookie: {},
      line: 'sid=…; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'with secure: true, even on a plain connection',
      cookie: { secure: true },
      line: '__Host-sid=…; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'with secure: false',
      cookie: { secure: false },
      line: 'sid=…; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'with a domain',
      cookie: { secure: true, domain: 'example.com' },
      line: '__Secure-sid=…; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'with a path',
      cookie: { secure: true, path: '/shop' },
      line: '__Secure-sid=…; Path=/shop; Secure; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'in a partition',
      cookie: { secure: true, partitioned: true, sameSite: 'none' },
      line: '__Host-sid=…; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Priority=High',
    },
    {
      title: 'with a priority',
      cookie: { priority: 'medium' },
      line: 'sid=…; Path=/; HttpOnly; SameSite=Lax; Priority=Medium',
    },
    {
      title: 'with a lifetime',
      cookie: { lifetime: 86_400 },
      line: 'sid=…; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      title: 'with everything',
      cookie: {
        name: '__Secure-shop',
        secure: true,
        domain: 'example.com',
        path: '/shop',
        httpOnly: false,
        sameSite: 'strict',
        partitioned: true,
        priority: 'low',
        lifetime: 60,
      },
      line: '__Secure-shop=…; Max-Age=60; Domain=example.com; Path=/shop; Secure; SameSite=Strict; Partitioned; Priority=Low',
    },
    {
      title: 'without what needs Secure, on a plain connection',
      cookie: { name: '__Host-shop', partitioned: true, sameSite: 'none' },
      line: 'shop=…; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
  ])('says exactly what it should $title', async ({ cookie, line }) => {
    expect(await linesWith(adapter, cookie)).toEqual([line]);
  });

  it('is a __Host- cookie behind a proxy that the platform trusts', async () => {
    expect(await linesWith(adapter, {}, HTTPS, true)).toEqual([
      '__Host-sid=…; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
    ]);
  });

  it.each<{ title: string; headers: Record<string, string>; trust: boolean }>([
    { title: 'a proxy is not trusted', headers: HTTPS, trust: false },
    { title: 'a trusted proxy was asked without TLS', headers: { 'x-forwarded-proto': 'http' }, trust: true },
    { title: 'the host is not local', headers: { host: 'example.com' }, trust: false },
    { title: 'a proxy stands before a local host', headers: { via: '1.1 proxy' }, trust: false },
  ])('is not sent where $title', async ({ headers, trust }) => {
    expect(await linesWith(adapter, {}, headers, trust)).toEqual([]);
  });

  it.each([{ host: 'example.com' }, HTTPS])(
    'is sent plain over any network with secure: false: %j',
    async (headers) => {
      expect(await linesWith(adapter, { secure: false }, headers)).toEqual([
        'sid=…; Path=/; HttpOnly; SameSite=Lax; Priority=High',
      ]);
    },
  );

  it('is stored nowhere when it cannot be sent, and one warning names the proxy trust', async () => {
    const store = new RecordingStore();
    const app = await launchWith(adapter, { store });
    await app.ask('/begin', { ...BEGIN, headers: HTTPS });
    await app.ask('/begin', { ...BEGIN, headers: HTTPS });
    expect(store.log).toEqual([]);
    expect(app.complaints.filter((text) => /no cookie.*trust ?proxy/is.test(text))).toHaveLength(1);
  });
});

describe.each(ADAPTER_NAMES)('eager loading on %s', (adapter) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await launchWith(adapter, { session: { load: 'eager' } });
  });

  it('gives Nest’s own @Session() the session', async () => {
    const cookie = cookieOf(await app.ask('/begin', BEGIN));
    const answer = await app.ask('/nest', { headers: { cookie } });
    expect(answer.body).toEqual({ there: true, cart: 'full' });
  });

  it('loads nothing for @SkipSession()', async () => {
    const cookie = cookieOf(await app.ask('/begin', BEGIN));
    const answer = await app.ask('/nest-skipped', { headers: { cookie } });
    expect(answer.body).toEqual({ there: false });
    expect(answer.headers).not.toHaveProperty('vary');
  });
});

const ORDERS = ADAPTER_NAMES.flatMap((adapter) => [
  { adapter, title: 'alone', providers: [] },
  {
    adapter,
    title: 'after a SessionGuard for all routes',
    providers: [
      {
        provide: APP_GUARD,
        useClass: class extends SessionGuard {
          protected override isSatisfied(): boolean {
            return true;
          }
        },
      },
    ],
  },
]);

describe.each(ORDERS)('the decorators of a route on $adapter, $title', ({ adapter, providers }) => {
  let store: RecordingStore;
  let app: TestApp;
  let now: number;
  let cookie: string;

  beforeAll(async () => {
    store = new RecordingStore(() => new Date(now));
    app = await launchWith(adapter, { store }, { providers });
  });

  beforeEach(async () => {
    now = Date.now();
    store.down = false;
    cookie = cookieOf(await app.ask('/begin', BEGIN));
    store.log.length = 0;
  });

  const get = (path: string) => app.ask(path, { headers: { cookie } });

  it('@ReadonlySession() reads', async () => {
    expect((await get('/readonly')).body).toEqual({ cart: 'full' });
  });

  it('@ReadonlySession() takes no change', async () => {
    expect((await get('/readonly-set')).status).toBe(500);
    expect(store.log).toEqual(['load']);
  });

  it('a route prolongs its session when that is due', async () => {
    now += 100_000;
    await get('/look');
    expect(store.log).toEqual(['load', 'save', 'saved']);
  });

  it('@UseSession({ touch: false }) does not prolong it', async () => {
    now += 100_000;
    expect((await get('/untouching')).body).toEqual({ isNew: false });
    expect(store.log).toEqual(['load']);
  });

  it('@UseSession({ idleTimeout }) takes no session that has idled longer, and leaves it to others', async () => {
    now += 40_000;
    const answer = await get('/hasty');
    expect(answer.body).toEqual({ isNew: true });
    expect(answer.cookies).toEqual([]);
    expect((await get('/look')).body).toMatchObject({ isNew: false });
  });

  it('@UseSession({ onStoreDown }) goes on without a store', async () => {
    store.down = true;
    expect((await get('/look')).status).toBe(503);
    expect((await get('/lenient')).status).toBe(200);
  });
});

describe.each(ADAPTER_NAMES)('SessionGuard on %s', (adapter) => {
  let store: RecordingStore;
  let app: TestApp;
  let now: number;

  beforeAll(async () => {
    store = new RecordingStore(() => new Date(now));
    app = await launchWith(adapter, { store });
  });

  beforeEach(() => {
    now = Date.now();
  });

  const begin = async (values: object = { cart: 'full' }) =>
    cookieOf(await app.ask('/begin', { method: 'POST', json: values }));
  const login = async (cookie = '') =>
    cookieOf(await app.ask('/login/anna', { method: 'POST', headers: { cookie } }));
  const enter = async (path: string, cookie = '') =>
    (await app.ask(`/guarded/${path}`, { headers: { cookie } })).status;

  it('lets in who is logged in', async () => {
    expect(await enter('subject', await login())).toBe(200);
    expect(await enter('subject', await begin())).toBe(401);
    expect(await enter('subject')).toBe(401);
  });

  it('lets in any session with subject: false', async () => {
    expect(await enter('anyone', await begin())).toBe(200);
    expect(await enter('anyone')).toBe(401);
  });

  it('lets in who has proved lately who they are with fresh', async () => {
    const cookie = await login();
    now += 59_000;
    expect(await enter('fresh', cookie)).toBe(200);
    now += 2000;
    expect(await enter('fresh', cookie)).toBe(401);
    expect(await enter('subject', cookie)).toBe(200);
  });

  it('lets in a session that has all keys', async () => {
    expect(await enter('keys', await begin({ cart: 'full', address: 'here' }))).toBe(200);
    expect(await enter('keys', await begin({ cart: 'full' }))).toBe(401);
  });

  it('lets everybody in with @SkipSession(), and loads nothing', async () => {
    const cookie = await begin();
    store.log.length = 0;
    expect(await enter('skipped', cookie)).toBe(200);
    expect(store.log).toEqual([]);
  });

  it('neither changes nor prolongs the session of a request it refuses', async () => {
    const cookie = await begin();
    store.log.length = 0;
    now += 1_000_000;
    const answer = await app.ask('/guarded/subject', { headers: { cookie } });
    expect(answer.status).toBe(401);
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['load']);
  });

  it('does not accept the cookie from before the login', async () => {
    const cookie = await begin();
    await login(cookie);
    expect(await enter('anyone', cookie)).toBe(401);
  });
});

describe.each(ADAPTER_NAMES)('SessionCsrfGuard on %s', (adapter) => {
  let store: RecordingStore;
  let app: TestApp;
  let now: number;

  beforeAll(async () => {
    store = new RecordingStore(() => new Date(now));
    app = await launchWith(adapter, { store }, { trustProxy: true });
  });

  beforeEach(() => {
    now = Date.now();
  });

  const post = (headers: Record<string, string>, json: unknown = {}, path = '/csrf/form') =>
    app.ask(path, { method: 'POST', headers, json });

  async function visit() {
    const answer = await app.ask('/csrf/token');
    return { cookie: cookieOf(answer), token: (answer.body as { token: string }).token };
  }

  it.each<{ headers: Record<string, string>; status: number }>([
    { headers: { 'sec-fetch-site': 'same-origin' }, status: 201 },
    { headers: { 'sec-fetch-site': 'none' }, status: 201 },
    { headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
    { headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
    { headers: { host: 'shop.example', origin: 'http://shop.example' }, status: 201 },
    { headers: { host: 'shop.example', origin: 'https://shop.example' }, status: 403 },
    { headers: { host: 'shop.example', origin: 'https://shop.example', ...HTTPS }, status: 201 },
    { headers: { host: 'shop.example:8443', origin: 'https://shop.example:8443', ...HTTPS }, status: 201 },
    { headers: { host: 'shop.example', origin: 'http://shop.example.evil' }, status: 403 },
    {
      headers: { host: 'shop.example', origin: 'http://shop.example', 'sec-fetch-site': 'cross-site' },
      status: 403,
    },
    {
      headers: { host: 'shop.example', origin: 'http://shop.example', 'sec-fetch-site': 'same-site' },
      status: 403,
    },
    { headers: { host: 'shop.example', origin: 'http://shop.example', 'sec-fetch-site': '' }, status: 403 },
    { headers: { origin: 'null' }, status: 403 },
    { headers: {}, status: 403 },
  ])('answers $status to what a browser says: $headers', async ({ headers, status }) => {
    expect((await post(headers)).status).toBe(status);
  });

  it('takes a token in the header', async () => {
    const { cookie, token } = await visit();
    expect((await post({ cookie, 'x-csrf-token': token })).status).toBe(201);
  });

  it('takes a token in the field _csrf', async () => {
    const { cookie, token } = await visit();
    expect((await post({ cookie }, { _csrf: token })).status).toBe(201);
  });

  it('takes every token of a session, not only the last', async () => {
    const { cookie, token } = await visit();
    const again = await app.ask('/csrf/token', { headers: { cookie } });
    const { token: other } = again.body as { token: string };
    expect(other).not.toBe(token);
    expect((await post({ cookie, 'x-csrf-token': token })).status).toBe(201);
    expect((await post({ cookie, 'x-csrf-token': other })).status).toBe(201);
  });

  it('refuses a token that is wrong, of another session, or of nobody', async () => {
    const { cookie, token } = await visit();
    const { token: foreign } = await visit();
    const wrong = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const bad of [wrong, foreign, '', 'ü'.normalize()])
      expect((await post({ cookie, 'x-csrf-token': bad })).status).toBe(403);
    expect((await post({ 'x-csrf-token': token })).status).toBe(403);
  });

  it.each([{ _csrf: 1 }, { _csrf: ['a'] }, { _csrf: null }, ['a']])(
    'refuses a body that holds no text: %j',
    async (json) => {
      expect((await post({}, json)).status).toBe(403);
    },
  );

  it('lets safe methods and @SkipSession() pass', async () => {
    expect((await app.ask('/csrf/token')).status).toBe(200);
    expect((await post({}, {}, '/csrf/hook')).status).toBe(201);
  });

  it('does not prolong the session of a request it refuses', async () => {
    const { cookie } = await visit();
    store.log.length = 0;
    now += 1_000_000;
    expect((await post({ cookie, 'x-csrf-token': 'wrong' })).status).toBe(403);
    expect(store.log).toEqual(['load']);
  });
});

describe.each(ADAPTER_NAMES)('cache headers on %s', (adapter) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await launchWith(adapter, { cache: { expire: 10 } });
  });

  const headersOf = async (path: string) => {
    const { headers } = await app.ask(`/cache/${path}`);
    return { control: headers['cache-control'], expires: headers.expires, vary: headers.vary };
  };

  const LONG_AGO = 'Thu, 19 Nov 1981 08:52:00 GMT';
  const NOCACHE = { control: 'no-store', expires: undefined, vary: 'Cookie' };

  it.each([
    { path: 'default', headers: NOCACHE },
    { path: 'nocache', headers: NOCACHE },
    { path: 'private', headers: { control: 'private, max-age=600', expires: LONG_AGO, vary: 'Cookie' } },
    {
      path: 'private_no_expire',
      headers: { control: 'private, max-age=600', expires: undefined, vary: 'Cookie' },
    },
    { path: 'none', headers: { control: undefined, expires: undefined, vary: 'Cookie' } },
    { path: 'untouched', headers: { control: undefined, expires: undefined, vary: undefined } },
  ])('are those of $path', async ({ path, headers }) => {
    expect(await headersOf(path)).toEqual(headers);
  });

  it('are those of public, ten minutes from now', async () => {
    const { control, expires, vary } = await headersOf('public');
    expect([control, vary]).toEqual(['public, max-age=600', 'Cookie']);
    expect(Math.abs(Date.parse(expires!) - Date.now() - 600_000)).toBeLessThan(30_000);
  });

  it('leave a Cache-Control of the handler', async () => {
    expect(await headersOf('own')).toMatchObject({ control: 'private, max-age=5', vary: 'Cookie' });
  });

  it.each([
    { path: 'vary', vary: 'Accept, Cookie' },
    { path: 'vary-cookie', vary: 'Accept, cookie' },
  ])('join the Vary of $path', async ({ path, vary }) => {
    expect((await headersOf(path)).vary).toBe(vary);
  });
});
