import { Controller, Get, Inject, Module, Req, UseGuards, type MiddlewareConsumer } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import express from 'express';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import session from 'express-session';
import {
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  SessionGuard,
  type Session,
} from 'nestjs-session-crypto';
import { expressSession, type ExpressMiddleware } from 'nestjs-session-crypto/express';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';
import { SECRET, startApp } from '../support/test-app.js';
import { ExpressApp, valuesOf, type ExpressRequest, type Loose } from './support/express-app.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const callback = (act: (done: (error?: unknown) => void) => unknown) =>
  new Promise<void>((resolve, reject) => act((error) => (error ? reject(error as Error) : resolve())));

describe.each(ALL_STORES)('req.session over the %s store', (store, storeOf) => {
  let app: ExpressApp;
  beforeAll(async () => {
    app = await ExpressApp.start({ session: { store: storeOf(database) } });
  });

  it('keeps what is set as a property, and changes deep inside', async () => {
    const client = app.client();
    await client.run(({ session }) => {
      session['cart'] = { items: [1] };
      session['name'] = 'Ada';
    });
    await client.run(({ session }) => void session['cart'].items.push({ id: 2 }));
    await client.run(({ session }) => void delete session['name']);
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({
      cart: { items: [1, { id: 2 }] },
    });
  });

  it('is one with the session of this package', async () => {
    const client = app.client();
    const id = await client.result(({ session }) => {
      session['n'] = 1;
      return session.id;
    });
    expect(await client.result(({ session, sessionID }) => [session.id, sessionID])).toEqual([id, id]);
    expect(await client.result(async () => (await app.sessions.current()).get('n' as never))).toBe(1);
    await client.run(async () => (await app.sessions.current()).set('n' as never, 2 as never));
    expect(await client.result(({ session }) => session['n'])).toBe(2);
  });

  it('stores nothing and sets no cookie for a session that stays empty', async () => {
    const { cookies } = await app.client().run(({ session }) => Object.keys(session));
    expect(cookies).toEqual([]);
  });

  it.each(['callbacks', 'promises'])('saves, reloads and touches with %s', async (kind) => {
    const client = app.client();
    const call = (act: (done?: (error?: unknown) => void) => unknown) =>
      kind === 'callbacks' ? callback(act) : (act() as Promise<void>);
    await client.run(async (request) => {
      request.session['n'] = 1;
      await call((done) => request.session.save(done!));
      request.session['n'] = 2;
    });
    const seen = await client.result(async (request) => {
      const before = request.session;
      before['n'] = 3;
      await call((done) => request.session.reload(done!));
      return [request.session['n'], request.session === before, request.session.touch() === request.session];
    });
    expect(seen).toEqual([2, false, true]);
  });

  it('begins an empty session by regenerate(), with another id', async () => {
    const client = app.client();
    const old = await client.result(({ session }) => {
      session['n'] = 1;
      return session.id;
    });
    const thief = client.copy();
    const [before, after, id] = (await client.result(async (request) => {
      const previous = request.session;
      await callback((done) => request.session.regenerate(done));
      request.session['m'] = 2;
      return [previous['n'], valuesOf(request.session), request.session.id];
    })) as [number, object, string];
    expect([before, after]).toEqual([1, { m: 2 }]);
    expect(id).not.toBe(old);
    expect(await client.result(({ session }) => [session.id, valuesOf(session)])).toEqual([id, { m: 2 }]);
    if (store !== 'cookie') expect(await thief.result(({ session }) => valuesOf(session))).toEqual({});
  });

  it('is gone after destroy(), and the cookie is cleared', async () => {
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    expect(client.jar.size).toBe(1);
    const left = await client.result(async (request) => {
      await callback((done) => request.session.destroy(done));
      return request.session === undefined;
    });
    expect(left).toBe(true);
    expect(client.jar.size).toBe(0);
  });

  it.each([
    ['a Date', new Date(0), /^cart\.at is a Date, which JSON changes/],
    ['a Map', new Map(), /^cart\.at is a Map/],
    ['NaN', Number.NaN, /^cart\.at is not a finite number/],
    ['a function', () => 1, /^cart\.at is a function, which JSON drops/],
  ])('refuses %s before anything is sent', async (_, at, message) => {
    const client = app.client();
    const said = await client.result(async (request) => {
      request.session['cart'] = { at };
      const error = await callback((done) => request.session.save(done)).catch(
        (error: Error) => error.message,
      );
      delete request.session['cart'];
      return error;
    });
    expect(said).toMatch(message);
    const { status, cookies } = await client.run(({ session }) => void (session['cart'] = { at }));
    expect([status, cookies]).toEqual([500, []]);
  });

  it('takes undefined for a property as its removal', async () => {
    const client = app.client();
    await client.run(({ session }) => Object.assign(session, { user: 'ada', n: 1 }));
    await client.run(({ session }) => void (session['user'] = undefined));
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({ n: 1 });
  });

  it('drops the changes of a request that sets req.session to null', async () => {
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    await client.run((request) => {
      request.session['n'] = 2;
      request.session = null as never;
    });
    expect(await client.result(({ session }) => session['n'])).toBe(1);
  });

  it('refuses another object in its place', async () => {
    const said = await app.client().result((request) => {
      try {
        request.session = { n: 1 } as never;
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(said).toMatch(/^req\.session cannot be an object: set its properties/);
  });

  it('calls back with the error of a session that was left behind', async () => {
    const said = await app.client().result(async (request) => {
      const old = request.session;
      await old.regenerate();
      return old.save().catch((error: Error) => error.message);
    });
    expect(said).toMatch(/use req\.session$/);
  });
});

describe.each(SERVER_STORES)('req.session over the %s store', (_, storeOf) => {
  it('loses no change of 20 parallel requests that change different keys', async () => {
    const app = await ExpressApp.start({ session: { store: storeOf(database) } });
    const client = app.client();
    await client.run(({ session }) => void (session['begun'] = true));
    let arrived = 0;
    let open!: () => void;
    const together = new Promise<void>((resolve) => (open = resolve));
    const change = (key: string) =>
      client.copy().run(async ({ session }) => {
        session[key] = { by: key };
        if (++arrived === 20) open();
        await together;
      });
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
    const answers = await Promise.all(keys.map(change));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 201));
    const all = (await client.result(({ session }) => valuesOf(session))) as Loose;
    expect(keys.filter((key) => all[key]?.by !== key)).toEqual([]);
  });

  it('is not brought back by a request that ends after a logout', async () => {
    const app = await ExpressApp.start({ session: { store: storeOf(database) } });
    const client = app.client();
    await client.run(({ session }) => void (session['user'] = 'ada'));
    const thief = client.copy();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    let begun!: () => void;
    const started = new Promise<void>((resolve) => (begun = resolve));
    const slow = client.copy().run(async ({ session }) => {
      session['late'] = 1;
      begun();
      await held;
    });
    await started;
    await client.run((request) => callback((done) => request.session.destroy(done)));
    release();
    expect((await slow).cookies).toEqual([]);
    expect(await thief.result(({ session }) => valuesOf(session))).toEqual({});
  });
});

describe('statements of a request with req.session', () => {
  let app: ExpressApp;
  beforeAll(async () => {
    app = await ExpressApp.start({ session: { store: typeOrmStore(database) } });
  });

  it.each<[number, string, (request: ExpressRequest) => unknown]>([
    [1, 'a read', ({ session }) => session['n']],
    [2, 'a change', ({ session }) => void (session['n'] = Math.random())],
    [1, 'a change to the same value', ({ session }) => void (session['same'] = { a: [1] })],
  ])('are %i for %s', async (count, _, script) => {
    const client = app.client();
    await client.run(({ session }) => Object.assign(session, { n: 1, same: { a: [1] } }));
    expect(await statementsOf(() => client.run(script))).toHaveLength(count);
  });

  it('are one for a route that does not read it, which nobody can know beforehand', async () => {
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    expect(await statementsOf(() => client.get('/untouched'))).toHaveLength(1);
  });

  it('are none without a cookie, and one for a new session', async () => {
    expect(await statementsOf(() => app.client().run(({ session }) => session['n']))).toHaveLength(0);
    expect(await statementsOf(() => app.client().run(({ session }) => void (session['n'] = 1)))).toHaveLength(
      1,
    );
  });

  it('say nothing in the response of a request that does not read req.session', async () => {
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    const { headers } = await client.get('/untouched');
    expect([headers['cache-control'], headers['vary'], headers['set-cookie']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const read = await client.run(({ session }) => session['n']);
    expect(read.headers['cache-control']).toMatch(/^no-store/);
  });
});

describe('req.session.cookie', () => {
  const start = (cookie = {}) => ExpressApp.start({ session: { store: memoryStore(), cookie } });

  it('shows the options of the cookie', async () => {
    const app = await start({ lifetime: 3600 });
    const seen = await app.client().result(({ session: { cookie } }) => {
      const { originalMaxAge, path, httpOnly, secure, sameSite } = cookie;
      const lasts = Math.round((cookie.maxAge ?? 0) / 10_000) * 10;
      return {
        originalMaxAge,
        path,
        httpOnly,
        secure,
        sameSite,
        lasts,
        expires: cookie.expires instanceof Date,
      };
    });
    expect(seen).toEqual({
      originalMaxAge: 3_600_000,
      path: '/',
      httpOnly: true,
      secure: false,
      sameSite: 'lax',
      lasts: 3600,
      expires: true,
    });
    const plain = await start();
    expect(
      await plain.client().result(({ session }) => [session.cookie.maxAge, session.cookie.expires]),
    ).toEqual([null, null]);
  });

  it('gives one session a lifetime of its own, with each change', async () => {
    const client = (await start()).client();
    const first = await client.run(({ session }) => {
      session['n'] = 1;
      session.cookie.maxAge = 60_000;
    });
    expect(first.cookies[0]).toContain('; Max-Age=60;');
    expect(await client.result(({ session }) => session.cookie.originalMaxAge)).toBe(60_000);
    const again = await client.run(({ session }) => void (session['n'] = 2));
    expect(again.cookies[0]).toContain('; Max-Age=60;');
    expect((await client.run(({ session }) => session['n'])).cookies).toEqual([]);
    expect(await client.result(({ session }) => Object.keys(session))).toEqual(['cookie', 'n']);
  });

  it('is until the browser closes where the session says so', async () => {
    const client = (await start({ lifetime: 3600 })).client();
    const { cookies } = await client.run(({ session }) => {
      session['n'] = 1;
      session.cookie.expires = null;
    });
    expect(cookies[0]).not.toContain('Max-Age');
  });

  it('ends the session of a copied cookie when its own lifetime is over', async () => {
    const client = (await start()).client();
    await client.run(({ session }) => {
      session['n'] = 1;
      session.cookie.expires = new Date(Date.now() - 1000);
    });
    expect(client.jar.size).toBe(0);
  });
});

describe('expressSession()', () => {
  const session_ = { store: memoryStore() };

  @Controller()
  class VisitsController {
    @Get('visits')
    visits(@Req() request: ExpressRequest) {
      return (request.session['visits'] = (request.session['visits'] ?? 0) + 1);
    }

    @Get('mine')
    mine(@CurrentSession() session: Session<{ visits: number }>) {
      return session.get('visits') ?? 0;
    }

    @Get('guarded')
    @UseGuards(SessionGuard)
    guarded() {
      return 'inside';
    }
  }

  it('works in middleware behind the body parsers and in mounted applications', async () => {
    const app = await startApp({
      session: session_,
      controllers: [VisitsController],
      prepare(app) {
        const shop = express();
        shop.use(express.json(), expressSession(app));
        shop.post('/count', (request, response) => {
          const { session } = request as unknown as ExpressRequest;
          session['n'] = (session['n'] ?? 0) + Number((request.body as { by: number }).by);
          response.redirect('/shop/shown');
        });
        shop.get('/shown', (request, response) => {
          response.json((request as unknown as ExpressRequest).session['n']);
        });
        app.use('/shop', shop);
      },
    });
    const visitor = app.visitor();
    expect((await visitor.send('POST', '/shop/count', { json: { by: 2 } })).status).toBe(302);
    await visitor.send('POST', '/shop/count', { json: { by: 3 } });
    expect((await visitor.get('/shop/shown')).body).toBe(5);
  });

  it('works by consumer.apply() in a module', async () => {
    @Module({ controllers: [VisitsController] })
    class VisitsModule {
      constructor(@Inject(ModuleRef) private readonly moduleRef: ModuleRef) {}
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(expressSession(this.moduleRef)).forRoutes('visits');
      }
    }
    const app = await startApp({ session: session_, imports: [VisitsModule] });
    const visitor = app.visitor();
    await visitor.get('/visits');
    expect((await visitor.get('/visits')).text).toBe('2');
    expect((await visitor.get('/mine')).text).toBe('2');
  });

  it('does nothing where the same middleware has run before, as in a router of the application', async () => {
    const app = await startApp({
      session: session_,
      prepare(app) {
        const sessions = expressSession(app);
        app.use(sessions);
        app.use('/shop', sessions, (request: ExpressRequest, response: express.Response) => {
          const { session } = request;
          session['n'] = ((session['n'] as number) ?? 0) + 1;
          response.json(session['n']);
        });
      },
    });
    const visitor = app.visitor();
    await visitor.get('/shop');
    expect((await visitor.get('/shop')).body).toBe(2);
  });

  it.each([{}, { upgrade: 'websocket' }])(
    'gives a request its session where socket.io calls the middleware with an empty response: %o',
    async (more) => {
      let middleware!: ExpressMiddleware;
      const app = await startApp({
        session: session_,
        controllers: [VisitsController],
        prepare: (app) => app.use((middleware = expressSession(app))),
      });
      const visitor = app.visitor();
      await visitor.get('/visits');
      const { cookie } = visitor;
      const request = new IncomingMessage(new Socket()) as IncomingMessage & ExpressRequest;
      const origin = app.url;
      Object.assign(request, { url: '/', headers: { host: new URL(origin).host, origin, cookie, ...more } });
      expect(await new Promise((next) => middleware(request, {} as never, next))).toBeUndefined();
      expect(request.session['visits']).toBe(1);
      request.session['visits'] = 5;
      await request.session.save();
      expect((await visitor.get('/visits')).text).toBe('6');
    },
  );

  it('lets nobody choose req.sessionID, and drops what a middleware has put there before', async () => {
    const app = await startApp({
      session: session_,
      prepare(app) {
        app.use((request: ExpressRequest, _response: unknown, next: () => void) => {
          request.sessionID = 'chosen';
          next();
        });
        app.use(expressSession(app));
        app.use((request: ExpressRequest, response: express.Response) => {
          const read = request.sessionID === request.session.id;
          try {
            request.sessionID = 'chosen';
          } catch (error) {
            response.json([read, (error as Error).message, request.sessionID === request.session.id]);
          }
        });
      },
    });
    expect((await app.visitor().get('/')).body).toEqual([
      true,
      'req.sessionID can only be read: nobody chooses an id',
      true,
    ]);
  });

  it('fails a request that has a req.session of a middleware that nobody could know at the start', async () => {
    const app = await startApp({
      session: session_,
      controllers: [VisitsController],
      prepare(app) {
        app.use((request: { session: object }, _response: unknown, next: () => void) => {
          request.session = {};
          next();
        });
        app.use(expressSession(app));
      },
    });
    const { status, cookies } = await app.visitor().get('/visits');
    expect([status, cookies]).toEqual([500, []]);
    expect(app.complaints.join()).toMatch(/stands beside express-session, and both make req\.session/);
  });

  it('makes no req.session where sessions are off', async () => {
    const app = await ExpressApp.start({ session: { ...session_, session: { exclude: ['/run'] } } });
    expect(await app.client().result((request) => request.session === undefined)).toBe(true);
  });

  it('uses a middleware of its own where the module mounts none', async () => {
    const app = await ExpressApp.start({ session: { ...session_, mount: false } });
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    expect(await client.result(({ session }) => session['n'])).toBe(1);
  });

  it('ends the session by req.session = null if `unset` says so', async () => {
    const app = await ExpressApp.start({ session: session_, express: { unset: 'destroy' } });
    const client = app.client();
    await client.run(({ session }) => void (session['n'] = 1));
    await client.run((request) => void (request.session = null as never));
    expect(client.jar.size).toBe(0);
  });

  const failure = (plan: Parameters<typeof startApp>[0]) =>
    startApp({ session: session_, ...plan }).then(
      () => 'started',
      (error: Error) => error.message,
    );

  it('stops the start beside express-session, whichever line comes first', async () => {
    const other = () => session({ secret: 'x', resave: false, saveUninitialized: false });
    const beside = /stands beside express-session.+; remove app\.use\(session\(\{ … \}\)\)/;
    expect(await failure({ prepare: (app) => app.use(expressSession(app)) && app.use(other()) })).toMatch(
      beside,
    );
    expect(await failure({ prepare: (app) => app.use(other()) && app.use(expressSession(app)) })).toMatch(
      beside,
    );
    const router = express.Router();
    router.use(other());
    expect(
      await failure({ prepare: (app) => app.use(expressSession(app)) && app.use('/x', router) }),
    ).toMatch(beside);
  });

  it('stops the start when it is called twice', async () => {
    expect(
      await failure({ prepare: (app) => app.use(expressSession(app)) && app.use(expressSession(app)) }),
    ).toMatch(/is called twice for the session "default"; remove the second line/);
  });

  it('stops the start for two sessions on one path, and takes each at its own', async () => {
    const admin = SessionCryptoModule.forRoot({
      name: 'admin',
      crypto: { secrets: [SECRET] },
      cookie: { name: 'admin' },
      ...session_,
    });
    const start = (first: string, second: string) =>
      failure({
        imports: [admin],
        prepare: (app) => {
          app.use(first, expressSession(app));
          app.use(second, expressSession(app, { name: 'admin' }));
        },
      });
    expect(await start('/', '/')).toMatch(/makes req\.session for two sessions on one path; keep one line/);
    expect(await start('/shop', '/admin')).toBe('started');
  });

  it('stops the start without the module, with another name, and on Fastify', async () => {
    const prepare = (app: Parameters<typeof expressSession>[0] & { use(x: unknown): void }) =>
      app.use(expressSession(app));
    expect(await failure({ session: undefined, prepare })).toMatch(
      /finds no sessions: import SessionCryptoModule\.forRoot\(/,
    );
    expect(await failure({ prepare: (app) => app.use(expressSession(app, { name: 'admin' })) })).toMatch(
      /finds no session "admin"; there are "default"; the name of the cookie is cookie\.name of forRoot\(\)/,
    );
    expect(await failure({ adapter: 'fastify', prepare })).toMatch(
      /is for Express, and this application runs on fastify/,
    );
  });

  it('throws for a promise, an Express application and wrong options', () => {
    const message = (...args: unknown[]) => {
      try {
        expressSession(...(args as [never]));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(Promise.resolve())).toMatch(/gets a promise: await NestFactory\.create\(\) is missing/);
    expect(message(express())).toMatch(/gets an Express application/);
    expect(message(undefined)).toMatch(/gets undefined/);
    expect(message({}, { subjectFrom: 'user', unset: 'x' })).toMatch(
      /subjectFrom: is a string.+[^]+unset: is unknown/,
    );
  });

  it('throws after the start, where no route would see it', async () => {
    const { app } = await startApp({ session: session_ });
    expect(() => expressSession(app)).toThrow(/move app\.use\(expressSession\(app\)\) above app\.init\(\)/);
  });
});
