import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { memoryStore } from 'nestjs-session-crypto';
import { fastifySession } from 'nestjs-session-crypto/express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';
import { startApp } from '../support/test-app.js';
import { FastifyApp } from './support/fastify-app.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe.each(ALL_STORES)('request.session over the %s store', (store, storeOf) => {
  let app: FastifyApp;
  beforeAll(async () => {
    app = await FastifyApp.start({ session: { store: storeOf(database) } });
  });

  it('keeps what is set by set() and as a property, and changes deep inside', async () => {
    const client = app.client();
    await client.run(({ session }) => {
      session.set('cart', { items: [1] });
      session['name'] = 'Ada';
      session.set('gone', 1);
    });
    await client.run(({ session }) => {
      (session.get('cart') as { items: unknown[] }).items.push({ id: 2 });
      session.set('gone', undefined);
    });
    const seen = await client.result(({ session }) => [
      session.data(),
      session.get('name'),
      Object.keys(session),
    ]);
    const cart = { items: [1, { id: 2 }] };
    expect(seen).toEqual([{ cart, name: 'Ada' }, 'Ada', ['cookie', 'cart', 'name']]);
  });

  it('is one with the session of this package', async () => {
    const client = app.client();
    const id = await client.result(({ session }) => {
      session.set('n', 1);
      return session.sessionId;
    });
    expect(await client.result(async () => (await app.sessions.current()).id)).toBe(id);
    await client.run(async () => (await app.sessions.current()).set('n' as never, 2 as never));
    expect(await client.result(({ session }) => session.get('n'))).toBe(2);
  });

  it('stores nothing and sets no cookie for a session that stays empty', async () => {
    expect((await app.client().run(({ session }) => session.data())).cookies).toEqual([]);
  });

  it('keeps the values that regenerate() names, and the old cookie leads nowhere', async () => {
    const client = app.client();
    await client.run(({ session }) => Object.assign(session, { a: 1, b: 2 }));
    const thief = client.copy();
    await client.run(async (request) => {
      await request.session.regenerate(['a', 'absent']);
      request.session.set('c', 3);
    });
    expect(await client.result(({ session }) => session.data())).toEqual({ a: 1, c: 3 });
    if (store !== 'cookie') expect(await thief.result(({ session }) => session.data())).toEqual({});
  });

  it('keeps what is set before a regenerate() that nobody awaits has ended', async () => {
    const client = app.client();
    await client.run(({ session }) => session.set('a', 1));
    await client.run((request) => {
      void request.session.regenerate();
      request.session.set('b', 2);
    });
    expect(await client.result(({ session }) => session.data())).toEqual({ b: 2 });
  });

  it.each<[string, (request: { session: { delete(): void; destroy(): Promise<void> } }) => unknown]>([
    ['delete()', ({ session }) => session.delete()],
    ['destroy()', ({ session }) => session.destroy()],
  ])('is gone after %s, and the cookie is cleared', async (_, end) => {
    const client = app.client();
    await client.run(({ session }) => session.set('n', 1));
    expect(client.jar.size).toBe(1);
    await client.run(end);
    expect(client.jar.size).toBe(0);
  });

  it('refuses a value that JSON changes before anything is sent, and the name of a method', async () => {
    const client = app.client();
    const { status, cookies } = await client.run(({ session }) => session.set('at', new Date(0)));
    expect([status, cookies]).toEqual([500, []]);
    const path = await client.result(async ({ session }) => {
      session.set('cart', { at: new Date(0) });
      const error = await session.save().catch((one: Error) => one.message);
      session.set('cart', undefined);
      return error;
    });
    expect(path).toMatch(/^cart\.at is a Date, which JSON changes/);
    const said = await client.result(({ session }) => {
      try {
        session.set('save', 1);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(said).toMatch(/^request\.session\.set\("save", …\) would hide a member/);
  });
});

describe.each(SERVER_STORES)('request.session over the %s store', (_, storeOf) => {
  let app: FastifyApp;
  beforeAll(async () => {
    app = await FastifyApp.start({ session: { store: storeOf(database) } });
  });

  it('loses no change of 20 parallel requests that change different keys', async () => {
    const client = app.client();
    await client.run(({ session }) => session.set('begun', true));
    let arrived = 0;
    let open!: () => void;
    const together = new Promise<void>((resolve) => (open = resolve));
    const change = (key: string) =>
      client.copy().run(async ({ session }) => {
        session.set(key, { by: key });
        if (++arrived === 20) open();
        await together;
      });
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
    const answers = await Promise.all(keys.map(change));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 201));
    const all = (await client.result(({ session }) => session.data())) as Record<string, { by: string }>;
    expect(keys.filter((key) => all[key]?.by !== key)).toEqual([]);
  });

  it.each(['destroy', 'regenerate'] as const)(
    'is not brought back by a request that ends after %s()',
    async (end) => {
      const client = app.client();
      await client.run(({ session }) => session.set('user', 'ada'));
      const thief = client.copy();
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      let begun!: () => void;
      const started = new Promise<void>((resolve) => (begun = resolve));
      const slow = client.copy().run(async ({ session }) => {
        session.set('late', 1);
        begun();
        await held;
      });
      await started;
      await client.run(({ session }) => session[end]());
      release();
      expect((await slow).cookies).toEqual([]);
      expect(await thief.result(({ session }) => session.data())).toEqual({});
    },
  );
});

it('costs one statement for a read, two for a change, and none without a cookie', async () => {
  const [, storeOf] = SERVER_STORES[1]!;
  const app = await FastifyApp.start({ session: { store: storeOf(database) } });
  const client = app.client();
  await client.run(({ session }) => session.set('n', 1));
  expect(await statementsOf(() => client.run(({ session }) => session.get('n')))).toHaveLength(1);
  expect(await statementsOf(() => client.run(({ session }) => session.set('n', 2)))).toHaveLength(2);
  expect(await statementsOf(() => app.client().run(({ session }) => session.get('n')))).toHaveLength(0);
  const { headers } = await client.get('/untouched');
  expect([headers['cache-control'], headers['vary'], headers['set-cookie']]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

describe('fastifySession()', () => {
  const session = { store: memoryStore() };
  const failure = (plan: Partial<Parameters<typeof startApp>[0]>) =>
    startApp({ session, adapter: 'fastify', ...plan }).then(
      () => 'started',
      (error: Error) => error.message,
    );
  const prepare = async (app: unknown) => {
    const nest = app as NestFastifyApplication;
    await nest.register(fastifySession(nest));
  };

  it('makes no request.session where sessions are off', async () => {
    const app = await FastifyApp.start({ session: { ...session, session: { exclude: ['/run'] } } });
    expect(await app.client().result((request) => request.session === undefined)).toBe(true);
  });

  it('trusts the proxy that Fastify trusts, also with mount: false', async () => {
    const app = await FastifyApp.start({ session: { ...session, mount: false }, trustProxy: true });
    const headers = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' };
    const { cookies } = await app.client().run(({ session: own }) => own.set('n', 1), { headers });
    expect(cookies).toEqual([expect.stringMatching(/^__Host-sid=.*; Secure/)]);
  });

  it('stops the start beside another plugin of request.session, and twice', async () => {
    const other: FastifyPluginCallback = (fastify: FastifyInstance, _, done) => {
      fastify.decorateRequest('session', null as never);
      done();
    };
    Object.assign(other, { [Symbol.for('skip-override')]: true });
    const beside = async (app: unknown) => {
      await (app as NestFastifyApplication).register(other);
      await prepare(app);
    };
    expect(await failure({ prepare: beside })).toMatch(
      /stands beside another plugin that makes request\.session/,
    );
    const twice = async (app: unknown) => {
      await prepare(app);
      await prepare(app);
    };
    expect(await failure({ prepare: twice })).toMatch(/is called twice for the session "default"/);
  });

  it('stops the start on Express and without the module', async () => {
    expect(await failure({ adapter: 'express', prepare: (app) => void fastifySession(app) })).toMatch(
      /is for Fastify, and this application runs on express; use expressSession\(app\)/,
    );
    expect(await failure({ session: undefined, prepare })).toMatch(
      /finds no sessions: import SessionCryptoModule/,
    );
  });

  it('throws after the start, and for a Fastify instance', async () => {
    const { app } = await startApp({ session, adapter: 'fastify' });
    expect(() => fastifySession(app)).toThrow(
      /move await app\.register\(fastifySession\(app\)\) above app\.init\(\)/,
    );
    expect(() => fastifySession(app.getHttpAdapter().getInstance())).toThrow(
      /gets a Fastify instance.+then await app\.register\(fastifySession\(app\)\)$/m,
    );
  });
});
