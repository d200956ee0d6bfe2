import { inspect } from 'node:util';
import { memoryStore } from 'nestjs-session-crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ALL_STORES } from '../support/stores.js';
import { ExpressApp, valuesOf, type ExpressPlan, type ExpressRequest } from './support/express-app.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const start = (express: ExpressPlan['express'] = {}) =>
  ExpressApp.start({ session: { store: memoryStore() }, express });

it('shows no value of req.session where a request is written to a log', async () => {
  const client = (await start()).client();
  await client.run(({ session }) => void (session['word'] = 'sesame'));
  const shown = await client.result((request) => {
    void request.session['word'];
    return inspect(request, { depth: 12, showHidden: true, maxStringLength: 100_000 });
  });
  expect(shown).not.toContain('sesame');
});

const bySubject: ExpressPlan['express'] = { subjectFrom: (data) => data.passport?.user };
const login = ({ session }: ExpressRequest) => void (session['passport'] = { user: 'ada' });

describe.each(ALL_STORES)('over the %s store, a logout by the session of this package', (_, storeOf) => {
  it('takes with it what req.session was given before', async () => {
    const app = await ExpressApp.start({ session: { store: storeOf(database) }, express: bySubject });
    const client = app.client();
    await client.run(login);
    await client.run(async (request) => {
      request.session['page'] = '/secret';
      request.session['passport'].seen = 1;
      await (await app.sessions.current()).logout();
    });
    expect(client.jar.size).toBe(0);
  });

  it('gives another user who logs in nothing that req.session was given before', async () => {
    const app = await ExpressApp.start({ session: { store: storeOf(database) }, express: bySubject });
    const client = app.client();
    await client.run((request) => {
      login(request);
      request.session['cart'] = ['a'];
    });
    await client.run(async ({ session }) => {
      session['cart'].push('b');
      await (await app.sessions.current()).login('grace');
    });
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({});
    expect(await client.result(async () => (await app.sessions.current()).subject)).toBe('grace');
  });

  it('leaves an empty req.session, which begins a new session', async () => {
    const app = await ExpressApp.start({ session: { store: storeOf(database) }, express: bySubject });
    const client = app.client();
    await client.run(login);
    const [shown, said] = (await client.result(async (request) => {
      const old = request.session;
      await (await app.sessions.current()).logout();
      const empty = valuesOf(request.session);
      request.session['n'] = 1;
      return [empty, await old.save().catch((error: Error) => error.message)];
    })) as [object, string];
    expect(shown).toEqual({});
    expect(said).toMatch(/use req\.session$/);
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({ n: 1 });
  });

  it.each([['none', {}] as const, ['Passport', bySubject] as const])(
    'regenerate() beside a save() that nobody awaits leaves an empty session, with the subject of %s',
    async (_, express) => {
      const app = await ExpressApp.start({ session: { store: storeOf(database) }, express });
      const client = app.client();
      await client.run(({ session }) => void (session['n'] = 1));
      await client.run(async (request) => {
        login(request);
        const saved = request.session.save();
        await request.session.regenerate();
        await saved.catch(() => undefined);
      });
      expect(await client.result(({ session }) => valuesOf(session))).toEqual({});
    },
  );
});

it('keeps nothing of a save() that was refused for one of the values', async () => {
  const app = await start(bySubject);
  const client = app.client();
  const said = await client.result(async (request) => {
    const { session } = request;
    session['at'] = new Date(0);
    session['n'] = 1;
    login(request);
    const error = await session.save().catch((fault: Error) => fault.message);
    for (const key of Object.keys(session)) delete session[key];
    return [error, (await app.sessions.current()).subject ?? null];
  });
  expect(said).toEqual([expect.stringMatching(/^at is a Date/), null]);
  expect(client.jar.size).toBe(0);
});

it.each<[string, (request: ExpressRequest) => unknown]>([
  ['delete', (request) => void delete (request as Partial<ExpressRequest>).session],
  ['null', (request) => void (request.session = null as never)],
])('ends a session by %s under unset: "destroy" where nobody has read it', async (_, remove) => {
  const client = (await start({ unset: 'destroy' })).client();
  await client.run(login);
  const copy = client.copy();
  expect((await client.get('/untouched')).headers['cache-control']).toBeUndefined();
  await client.run(remove);
  expect(client.jar.size).toBe(0);
  expect(await copy.result(({ session }) => valuesOf(session))).toEqual({});
});

it.each<[string, (request: ExpressRequest) => unknown]>([
  ['touch()', ({ session }) => void session.touch()],
  ['resetMaxAge()', ({ session }) => void session.resetMaxAge()],
  ['the same maxAge', ({ session }) => void (session.cookie.maxAge = 60_000)],
])('starts the lifetime that a session has of its own anew by %s', async (_, renew) => {
  const client = (await start()).client();
  await client.run(({ session }) => {
    session['n'] = 1;
    session.cookie.expires = new Date(Date.now() + 30_000);
    session.cookie.originalMaxAge = 60_000;
  });
  expect((await client.run(({ session }) => session.cookie.maxAge)).cookies).toEqual([]);
  expect((await client.run(renew)).cookies[0]).toContain('; Max-Age=60;');
});

describe('a lifetime that a session has of its own', () => {
  const MINUTE = 60_000;
  let now = Date.now();
  const goOn = (milliseconds: number) => vi.setSystemTime((now += milliseconds));
  beforeEach(() => {
    now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now });
  });
  afterEach(() => vi.useRealTimers());

  const begin = async (maxAge: number) => {
    const session = { store: memoryStore(), session: { idleTimeout: 7200 } };
    const app = await ExpressApp.start({ session });
    const client = app.client();
    await client.run((request) => {
      request.session['n'] = 1;
      request.session.cookie.maxAge = maxAge;
    });
    return { app, client };
  };

  it('begins anew while the visitor only reads, and is over without him', async () => {
    const { app, client } = await begin(30 * MINUTE);
    const viaProperty = ({ session }: ExpressRequest) => session['n'] as unknown;
    const viaSession = async () => (await app.sessions.current()).get('n' as never);
    for (const read of [viaProperty, viaSession, viaProperty, viaSession]) {
      goOn(20 * MINUTE);
      const { body, cookies } = await client.run(read);
      expect([body, cookies]).toEqual([{ result: 1 }, [expect.stringContaining('; Max-Age=1800;')]]);
    }
    goOn(MINUTE);
    expect(await client.result(({ session }) => session.cookie.maxAge)).toBe(29 * MINUTE - 1000);
    expect((await client.run(viaProperty)).cookies).toEqual([]);
    goOn(29 * MINUTE);
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({});
  });

  it('is not that of the session which follows it', async () => {
    const { client } = await begin(30 * MINUTE);
    const { cookies } = await client.run(async (request) => {
      await request.session.regenerate();
      request.session['n'] = 2;
    });
    expect(cookies).toEqual([expect.not.stringContaining('Max-Age')]);
  });

  it('moves the idle clock in time where it is shorter than two of its intervals', async () => {
    const { client } = await begin(MINUTE);
    for (let i = 0; i < 3; i++) {
      goOn(MINUTE / 2);
      const { body, cookies } = await client.run(({ session }) => session['n'] as unknown);
      expect([body, cookies]).toEqual([{ result: 1 }, [expect.stringContaining('; Max-Age=60;')]]);
    }
    goOn(MINUTE);
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({});
  });
});

it('takes the lifetime that req.session gives a new session whose values come from the session of this package', async () => {
  const app = await start();
  const { cookies } = await app.client().run(async ({ session }) => {
    session.cookie.maxAge = 60_000;
    (await app.sessions.current()).set('n' as never, 1 as never);
  });
  expect(cookies[0]).toContain('; Max-Age=60;');
  const untouched = await app.client().run(({ session }) => void (session.cookie.maxAge = 60_000));
  expect(untouched.cookies).toEqual([]);
});
