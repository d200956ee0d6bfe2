import 'reflect-metadata';
import {
  Controller,
  Get,
  Module,
  Param,
  Post,
  Req,
  UseGuards,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { ExpressAdapter, NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  getSessionClockToken,
  InjectSession,
  memoryStore,
  ReadonlySession,
  RequireSession,
  SessionCryptoModule,
  SessionGuard,
  SessionService,
  SessionStoreError,
  SkipSession,
  UseSession,
  type Session,
  type SessionCryptoOptions,
  type SessionEventName,
  type SessionStore,
} from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { createTableSql, dropTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import {
  InjectRememberMe,
  RememberMeModule,
  RememberMeService,
  type RememberMeOptions,
} from '../../lib/remember-me/index.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ADAPTERS, Client, SECRET, type AdapterName, type Answer } from '../support/script-app.js';

type Script = (session: Session, rememberMe: RememberMeService, request: object) => unknown;
const scripts = new Map<string, Script>();

@Controller()
class AppController {
  constructor(private readonly rememberMe: RememberMeService) {}

  @Post('run/:id')
  @SkipSession() // for the guard, so that scripts can log in
  async run(@Param('id') id: string, @CurrentSession() session: Session, @Req() request: object) {
    return { result: await scripts.get(id)!(session, this.rememberMe, request) };
  }

  @Post('forget')
  async forget() {
    await this.rememberMe.forget();
  }

  @Get('untouched')
  untouched() {
    return {};
  }

  @Get('skipped')
  @SkipSession()
  skipped() {
    return {};
  }

  @Get('who')
  who(@CurrentSession() session: Session) {
    return { subject: session.subject ?? null };
  }

  @Get('mine')
  @UseGuards(SessionGuard)
  mine(@CurrentSession() session: Session) {
    return { subject: session.subject, proved: session.authenticatedAt !== undefined };
  }

  @Get('fresh')
  @UseGuards(SessionGuard)
  @RequireSession({ fresh: 900 })
  fresh() {
    return {};
  }

  @Get('readonly')
  @UseGuards(SessionGuard)
  @ReadonlySession()
  readonly(@CurrentSession() session: Session) {
    return { subject: session.subject };
  }

  @Get('lately')
  @UseGuards(SessionGuard)
  @UseSession({ idleTimeout: 120 })
  lately(@CurrentSession() session: Session) {
    return { subject: session.subject };
  }
}

/** An application that remembers, whose handlers the test writes and whose clock it can shift. */
class RememberApp {
  ahead = 0;
  readonly events: [SessionEventName, unknown][] = [];

  private constructor(
    readonly app: INestApplication,
    readonly url: string,
  ) {}

  static async start(
    adapter: AdapterName,
    { session = {}, remember, guard = false }: Setup,
  ): Promise<RememberApp> {
    const base: SessionCryptoOptions = { crypto: { secrets: [SECRET] }, store: memoryStore(), ...session };
    @Module({
      imports: [RememberMeModule.forRoot(remember), SessionCryptoModule.forRoot(base)],
      controllers: [AppController],
      providers: guard ? [{ provide: APP_GUARD, useClass: SessionGuard }] : [],
    })
    class AppModule {}
    let started: RememberApp | undefined;
    const shift = (actual: Date) => new Date(actual.getTime() + 1000 * (started?.ahead ?? 0));
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getSessionClockToken())
      .useValue(shift)
      .compile();
    const platform = new (ADAPTERS[adapter] as typeof ExpressAdapter)();
    const app = testing.createNestApplication(platform, { logger: false });
    await app.listen(0, '127.0.0.1');
    started = new RememberApp(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'));
    started.record();
    return started;
  }

  get rememberMe(): RememberMeService {
    return this.app.get(RememberMeService);
  }

  get sessions(): SessionService {
    return this.app.get(SessionService);
  }

  seen(event: SessionEventName): unknown[] {
    return this.events.filter(([name]) => name === event).map(([, detail]) => detail);
  }

  client(): Client {
    return new Client(this.url);
  }

  /** Runs a script in a handler. */
  async run(client: Client, script: Script): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await client.send('POST', `/run/${id}`);
    } finally {
      scripts.delete(id);
    }
  }

  /** A browser that is logged in and remembered. */
  async remembered(subject = 'ada'): Promise<Client> {
    const client = this.client();
    const { status } = await this.run(client, async (session, rememberMe) => {
      await session.login(subject);
      await rememberMe.remember();
    });
    expect(status).toBe(201);
    return client;
  }

  /** The same browser after its session has ended: only the remember-me cookie is left. */
  async returning(subject?: string): Promise<Client> {
    const client = await this.remembered(subject);
    client.jar.delete('sid');
    return client;
  }

  private record(): void {
    const events: SessionEventName[] = [
      'remembered',
      'rememberTheft',
      'rememberRejected',
      'storeDown',
      'storeUp',
    ];
    for (const event of events) this.sessions.events.on(event, (detail) => this.events.push([event, detail]));
  }
}

interface Setup {
  readonly session?: Partial<SessionCryptoOptions>;
  readonly remember: RememberMeOptions;
  readonly guard?: boolean;
}

const subjectOf = async (client: Client) =>
  ((await client.get('/who')).body as { subject: string | null }).subject;
const rememberLines = ({ cookies }: Answer) => cookies.filter((line) => line.startsWith('remember='));

let database: TestDatabase;
let table: string;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  table = `remember_${randomBytes(6).toString('hex')}`;
  for (const sql of createTableSql({ table })) await database.dataSource.query(sql);
});
afterAll(async () => {
  for (const sql of dropTableSql({ table })) await database.dataSource.query(sql);
  await database.close();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const name of [table, database.table]) await database.dataSource.query(`TRUNCATE "${name}"`);
});

async function start(adapter: AdapterName, setup: Setup): Promise<RememberApp> {
  const app = await RememberApp.start(adapter, setup);
  closing.push(() => app.app.close());
  return app;
}

const PLACES: readonly [string, (more?: Partial<RememberMeOptions>) => Setup][] = [
  ['memory', (more) => ({ remember: { store: memoryStore(), ...more } })],
  [
    'postgres',
    (more) => ({
      session: { store: typeOrmStore(database) },
      remember: { store: typeOrmStore({ dataSource: database.dataSource, table }), ...more },
    }),
  ],
];

const onAll = Object.keys(ADAPTERS).flatMap((adapter) =>
  PLACES.map(([place, setup]) => ({ adapter: adapter as AdapterName, place, setup })),
);

describe.each(onAll)('a remembered browser on $adapter, series in $place', ({ adapter, setup }) => {
  it('is logged in when it comes back, with another token', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const before = client.jar.get('remember');
    const { status, body, cookies } = await client.get('/mine');
    expect([status, body]).toEqual([200, { subject: 'ada', proved: false }]);
    expect(client.jar.get('remember')).toHaveLength(before!.length);
    expect(client.jar.get('remember')).not.toBe(before);
    expect(cookies).toHaveLength(2);
    expect(await client.get('/mine')).toMatchObject({ status: 200, cookies: [] });
    expect(app.seen('remembered')).toMatchObject([{ session: 'default', subject: 'ada' }]);
  });

  it('gets a cookie that scripts do not see and that lasts 30 days', async () => {
    const app = await start(adapter, setup());
    const answer = await app.run(app.client(), async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
    });
    expect(rememberLines(answer)).toEqual([
      expect.stringMatching(/^remember=[\w-]{167}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  it('is not fresh until it logs in with its password', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect((await client.get('/fresh')).status).toBe(401);
    expect((await client.get('/mine')).status).toBe(200);
    await app.run(client, (session) => session.login('ada'));
    expect((await client.get('/fresh')).status).toBe(200);
  });

  it('is logged in on a route that only reads', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect((await client.get('/readonly')).body).toEqual({ subject: 'ada' });
  });

  it('replaces its token once when it sends 20 requests together, and all are logged in', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const twins = Array.from({ length: 20 }, () => client.copy());
    const answers = await Promise.all(twins.map((twin) => twin.get('/mine')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    app.ahead = 3600;
    for (const twin of twins) twin.jar.delete('sid');
    // All were given the same token: so the first uses it up, and to the others it is one that was replaced just now.
    for (const twin of twins) expect(await subjectOf(twin)).toBe('ada');
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('heals when the answer with its next token got lost', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const lost = client.copy();
    await lost.get('/mine');
    app.ahead = 30;
    expect(await subjectOf(client)).toBe('ada');
    app.ahead = 7200;
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('ada');
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('is out, and so is the thief of its cookie, when both have used it', async () => {
    const app = await start(adapter, setup());
    const owner = await app.returning();
    const elsewhere = await app.remembered();
    const thief = owner.copy();
    expect(await subjectOf(thief)).toBe('ada');
    app.ahead = 61;
    const alarm = await owner.get('/who');
    expect([alarm.body, rememberLines(alarm)]).toEqual([
      { subject: null },
      [expect.stringMatching(/^remember=; Max-Age=0/)],
    ]);
    expect(app.seen('rememberTheft')).toEqual([
      { session: 'default', series: expect.any(String), subject: 'ada', sessions: 3 },
    ]);
    for (const client of [thief, owner, elsewhere]) {
      expect(await subjectOf(client)).toBeNull();
      client.jar.delete('sid');
      expect(await subjectOf(client)).toBeNull();
    }
    expect(await app.rememberMe.list('ada')).toEqual([]);
    expect(app.seen('rememberTheft')).toHaveLength(1);
  });

  it('loses only this series after a theft, where no more is asked for', async () => {
    const app = await start(adapter, setup({ onTheft: 'event' }));
    const owner = await app.returning();
    const elsewhere = await app.remembered();
    await owner.copy().get('/who');
    app.ahead = 61;
    expect(await subjectOf(owner)).toBeNull();
    expect(app.seen('rememberTheft')).toMatchObject([{ sessions: undefined }]);
    expect(await subjectOf(elsewhere)).toBe('ada');
    expect(await app.rememberMe.list('ada')).toHaveLength(1);
  });

  it('is nobody after logout and forget', async () => {
    const app = await start(adapter, setup());
    const client = await app.remembered();
    const copy = client.copy();
    const answer = await app.run(client, async (session, rememberMe) => {
      await session.logout();
      await rememberMe.forget();
    });
    expect(rememberLines(answer)).toEqual([expect.stringMatching(/^remember=; Max-Age=0/)]);
    copy.jar.delete('sid');
    expect([await subjectOf(client), await subjectOf(copy)]).toEqual([null, null]);
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });

  it('is forgotten also where nobody asks for the session', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect(rememberLines(await client.send('POST', '/forget'))).toEqual([expect.stringMatching(/Max-Age=0/)]);
    expect(await app.rememberMe.list('ada')).toEqual([]);
    expect((await client.send('POST', '/forget')).cookies).toEqual([]);
  });

  it('is nobody after it is revoked, alone or with all of its subject', async () => {
    const app = await start(adapter, setup());
    const [one, two, other] = [await app.returning(), await app.returning(), await app.returning('eve')];
    const [first] = await app.rememberMe.list('ada');
    await app.rememberMe.revoke(first!.id, { subject: 'eve' });
    expect(await app.rememberMe.list('ada')).toHaveLength(2);
    await app.rememberMe.revoke(first!.id, { subject: 'ada' });
    expect(await app.rememberMe.list('ada')).toHaveLength(1);
    expect(await app.rememberMe.revokeSubject('ada')).toBe(1);
    const subjects = [await subjectOf(one), await subjectOf(two), await subjectOf(other)];
    expect(subjects).toEqual([null, null, 'eve']);
  });

  it('is nobody after its lifetime, which using it does not prolong unless that is asked for', async () => {
    const short = { cookie: { lifetime: 7200 } };
    for (const [rolling, subject] of [
      [false, null],
      [true, 'ada'],
    ] as const) {
      const app = await start(adapter, setup({ ...short, rolling }));
      const client = await app.returning();
      app.ahead = 7000;
      expect(await subjectOf(client)).toBe('ada');
      client.jar.delete('sid');
      app.ahead = 7300;
      expect(await subjectOf(client)).toBe(subject);
      expect(app.seen('rememberRejected')).toMatchObject(rolling ? [] : [{ reason: 'expired' }]);
    }
  });

  it('has one series, however often it is remembered', async () => {
    const app = await start(adapter, setup());
    const client = await app.remembered('bob');
    await app.run(client, async (session, rememberMe) => {
      await session.login('bob');
      await rememberMe.remember();
      await rememberMe.remember();
    });
    expect(await app.rememberMe.list('bob')).toHaveLength(1);
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('bob');
  });

  it('keeps what the visitor had, under another id', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const token = client.jar.get('remember')!;
    client.jar.delete('remember');
    await app.run(client, (session) => session.set('cart' as never, ['tea'] as never));
    const visitor = client.copy();
    client.jar.set('remember', token);
    const { body } = await app.run(client, (session) => [session.subject, session.get('cart' as never)]);
    expect(body).toEqual({ result: ['ada', ['tea']] });
    expect(client.jar.get('sid')).not.toBe(visitor.jar.get('sid'));
    expect((await app.run(visitor, (session) => session.isNew)).body).toEqual({ result: true });
  });

  it('is spared when all others of its subject are revoked', async () => {
    const app = await start(adapter, setup());
    const [client, other] = [await app.remembered(), await app.returning()];
    const { body } = await app.run(client, async (session, rememberMe) => {
      const except = await rememberMe.current();
      const ended = await rememberMe.revokeSubject(session.subject!, { except });
      return [ended, (await rememberMe.list(session.subject!)).map(({ id }) => id === except)];
    });
    expect(body).toEqual({ result: [1, [true]] });
    client.jar.delete('sid');
    expect([await subjectOf(client), await subjectOf(other)]).toEqual(['ada', null]);
    expect((await app.run(app.client(), (_session, rememberMe) => rememberMe.current())).body).toEqual({});
  });

  it('shows no secret in lists, events and inspected services', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const tokens = [client.jar.get('remember')!];
    await client.get('/who');
    tokens.push(client.jar.get('remember')!);
    const list = await app.rememberMe.list('ada');
    const shown = [list, app.events, app.rememberMe].map((one) =>
      inspect(one, { depth: 20, showHidden: true }),
    );
    expect(list).toEqual([
      { id: expect.any(String), createdAt: expect.any(Date), lastUsedAt: expect.any(Date) },
    ]);
    for (const token of tokens) expect(shown.join()).not.toContain(token.slice(6, 60));
    expect(inspect(app.rememberMe)).toBe("RememberMeService { session: 'default' }");
  });
});

describe.each(Object.keys(ADAPTERS) as AdapterName[])('remember-me on %s', (adapter) => {
  it('comes before a guard that the application has everywhere', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() }, guard: true });
    const client = await app.returning();
    expect((await app.client().get('/who')).status).toBe(401);
    expect((await client.get('/who')).status).toBe(200);
  });

  it('recognises where sessions are loaded before the handler', async () => {
    const session = { session: { load: 'eager' as const } };
    const app = await start(adapter, { session, remember: { store: memoryStore() }, guard: true });
    const client = await app.returning();
    expect((await client.get('/untouched')).status).toBe(200);
    expect(app.seen('remembered')).toHaveLength(1);
  });

  it('uses a token up in one guarded step, whoever sends it at the same time', async () => {
    const store = memoryStore();
    const replace = vi.spyOn(store, 'replace');
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const twins = Array.from({ length: 20 }, () => client.copy());
    await Promise.all(twins.map((twin) => twin.get('/mine')));
    const results = await Promise.all(replace.mock.results.map(({ value }) => value as Promise<string>));
    expect(results.filter((result) => result === 'saved')).toHaveLength(1);
    expect(app.seen('remembered')).toHaveLength(20);
  });

  it('clears a cookie that is not ours once, and asks no store for it', async () => {
    const store = memoryStore();
    const load = vi.spyOn(store, 'load');
    const app = await start(adapter, { remember: { store } });
    for (const value of ['x', 'A'.repeat(167), 'A'.repeat(100_0), '%00;', '']) {
      const client = app.client();
      client.jar.set('remember', value);
      const answer = await client.get('/who');
      expect([answer.status, answer.body, rememberLines(answer)]).toEqual([
        200,
        { subject: null },
        [expect.stringMatching(/^remember=; Max-Age=0/)],
      ]);
      expect((await client.get('/who')).cookies).toEqual([]);
    }
    expect(load).not.toHaveBeenCalled();
    expect(app.seen('rememberRejected')).toHaveLength(5);
  });

  it('clears none of several cookies that are not ours: it might be the wrong one', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = app.client();
    client.jar.set('remember', 'planted; remember=elsewhere');
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
  });

  it('takes the one of two cookies that is ours, and of two that are ours none', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const token = (await app.returning()).jar.get('remember')!;
    const other = (await app.returning('eve')).jar.get('remember')!;
    const client = app.client();
    client.jar.set('x', `1; remember=planted; remember=${token}; remember=${other}`);
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
    client.jar.set('x', `1; remember=planted; remember=${token}`);
    expect(await subjectOf(client)).toBe('ada');
  });

  it('leaves the cookie alone just after its series has ended, and clears it later', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    await app.rememberMe.revokeSubject('ada');
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
    vi.spyOn(store, 'load').mockResolvedValue(undefined);
    expect(rememberLines(await client.get('/who'))).toEqual([expect.stringMatching(/Max-Age=0/)]);
  });

  it('does not overtake a login or logout of the same browser that a request comes in between', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = await app.remembered();
    const late = client.copy();
    await app.run(client, (session) => session.logout());
    expect(await late.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
  });

  it('lets nobody in where a route wants a shorter idle time, and spares the session', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = await app.remembered();
    app.ahead = 300;
    expect((await client.get('/lately')).status).toBe(401);
    expect((await client.get('/mine')).body).toEqual({ subject: 'ada', proved: true });
    expect(app.seen('remembered')).toEqual([]);
  });

  it('works beside sessions in cookies, of which a theft can end none', async () => {
    const session = { store: cookieStore({ acceptReplay: true }) };
    const app = await start(adapter, { session, remember: { store: memoryStore() } });
    const owner = await app.returning();
    expect(await subjectOf(owner.copy())).toBe('ada');
    app.ahead = 61;
    expect(await subjectOf(owner)).toBeNull();
    expect(app.seen('rememberTheft')).toMatchObject([{ sessions: undefined }]);
  });

  it('raises one alarm, however many requests bring the copy together', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const owner = await app.returning();
    await owner.copy().get('/who');
    app.ahead = 61;
    const late = Array.from({ length: 10 }, () => owner.copy());
    const { load, destroy } = { load: store.load.bind(store), destroy: store.destroy.bind(store) };
    let all: () => void;
    const allHaveLooked = new Promise<void>((resolve) => (all = resolve));
    let looked = 0;
    vi.spyOn(store, 'load').mockImplementation(async (key) => {
      if (++looked === late.length) all();
      return load(key);
    });
    vi.spyOn(store, 'destroy').mockImplementation(async (...args) => {
      await allHaveLooked;
      return destroy(...args);
    });
    const subjects = await Promise.all(late.map((one) => subjectOf(one)));
    expect(subjects).toEqual(subjects.map(() => null));
    expect(app.seen('rememberTheft')).toHaveLength(1);
  });

  it('is given the request where no request is known by itself', async () => {
    const session = { session: { asyncContext: false } };
    const app = await start(adapter, { session, remember: { store: memoryStore() } });
    const client = app.client();
    const codes: unknown[] = [];
    await app.run(client, async (current, rememberMe, request) => {
      await current.login('ada');
      await rememberMe.remember().catch((error: { code: string }) => codes.push(error.code));
      await rememberMe.remember(request);
    });
    expect(codes).toEqual(['ERR_SESSION_NO_REQUEST']);
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('ada');
    const { body } = await app.run(client, (_session, rememberMe, request) => rememberMe.current(request));
    expect(await app.rememberMe.list('ada')).toMatchObject([{ id: (body as { result: string }).result }]);
    await app.run(client, (_session, rememberMe, request) => rememberMe.forget(request));
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });

  it('refuses to remember nobody', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const codes: unknown[] = [];
    await app.run(app.client(), (_session, rememberMe) =>
      rememberMe.remember().catch((error: { code: string }) => codes.push(error.code)),
    );
    await app.rememberMe.remember().catch((error: { code: string }) => codes.push(error.code));
    expect(codes).toEqual(['ERR_SESSION_VALUE', 'ERR_SESSION_NO_REQUEST']);
  });

  it('leaves visitors strangers while its store is down, and remembers them afterwards', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const down = () => Promise.reject(Object.assign(new Error('secret detail'), { code: 'ECONNREFUSED' }));
    for (const method of ['load', 'replace'] as const) {
      const broken = vi.spyOn(store as SessionStore, method).mockImplementation(down);
      for (let i = 0; i < 3; i++) {
        const answer = await client.copy().get('/who');
        expect([answer.status, answer.body, rememberLines(answer)]).toEqual([200, { subject: null }, []]);
      }
      broken.mockRestore();
    }
    expect(await subjectOf(client)).toBe('ada');
    expect(app.seen('storeDown')[0]).toEqual({ session: 'default/remember-me', code: 'ECONNREFUSED' });
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('fails what was asked of a store that is down: remember and forget answer 503', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.remembered();
    const down = () => Promise.reject(new SessionStoreError('create', 'ECONNREFUSED'));
    vi.spyOn(store as SessionStore, 'create').mockImplementation(down);
    vi.spyOn(store as SessionStore, 'destroy').mockImplementation(down);
    const logIn = await app.run(app.client(), async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
    });
    const logOut = await app.run(client, (_session, rememberMe) => rememberMe.forget());
    expect([logIn.status, logOut.status]).toEqual([503, 503]);
    expect([rememberLines(logIn), rememberLines(logOut)]).toEqual([[], [expect.stringMatching(/Max-Age=0/)]]);
  });

  it('ends a session that it began while its series was revoked', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const replace = store.replace.bind(store);
    vi.spyOn(store, 'replace').mockImplementation(async (...args) => {
      await app.rememberMe.revokeSubject('ada');
      return replace(...args);
    });
    await app.sessions.revokeSubject('ada');
    expect(await subjectOf(client)).toBeNull();
    expect(await app.sessions.list('ada')).toEqual([]);
  });
});

describe.each(Object.keys(ADAPTERS) as AdapterName[])('RememberMeModule on %s', (adapter) => {
  async function listen(...modules: unknown[]): Promise<{ app: INestApplication; url: string }> {
    const testing = await Test.createTestingModule({ imports: modules as never[] }).compile();
    const platform =
      adapter === 'fastify' ? new FastifyAdapter({ trustProxy: true }) : new ADAPTERS.express();
    const app = testing.createNestApplication(platform as ExpressAdapter, { logger: false });
    if (adapter === 'express') (app as NestExpressApplication).set('trust proxy', true);
    closing.push(() => app.close());
    await app.listen(0, '127.0.0.1');
    return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1') };
  }
  const sessions = (more: object = {}) =>
    SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore(), ...more });

  it('sends __Host-remember on a secure connection, and reads no other there', async () => {
    @Module({ controllers: [AppController] })
    class Controllers {}
    const remember = RememberMeModule.forRootAsync({ useFactory: () => ({ store: memoryStore() }) });
    const { url } = await listen(sessions(), remember, Controllers);
    const id = randomUUID();
    scripts.set(id, async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
    });
    const secure = { 'x-forwarded-proto': 'https' };
    const answer = await fetch(`${url}/run/${id}`, { method: 'POST', headers: secure });
    const line = answer.headers.getSetCookie().find((one) => one.startsWith('__Host-remember='))!;
    expect(line).toMatch(/; Max-Age=2592000; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    const value = line.slice('__Host-remember='.length, line.indexOf(';'));
    const who = async (cookie: string, headers: Record<string, string> = secure) =>
      (await fetch(`${url}/who`, { headers: { ...headers, cookie } })).json();
    expect(await who(`remember=${value}`)).toEqual({ subject: null });
    expect(await who(`__Host-remember=${value}`, { 'x-forwarded-proto': 'http' })).toEqual({ subject: null });
    expect(await who(`__Host-remember=${value}`)).toEqual({ subject: 'ada' });
  });

  it('neither remembers nor recognises over a plain connection that is not local', async () => {
    @Module({ controllers: [AppController] })
    class Controllers {}
    const remember = RememberMeModule.forRoot({ store: memoryStore() });
    const { app, url } = await listen(sessions(), remember, Controllers);
    const id = randomUUID();
    scripts.set(id, async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
      return (await rememberMe.list('ada')).length;
    });
    const logIn = (headers: Record<string, string>) => fetch(`${url}/run/${id}`, { method: 'POST', headers });
    const distant = await logIn({ via: '1.1 proxy' });
    expect([await distant.json(), distant.headers.getSetCookie()]).toEqual([{ result: 0 }, []]);
    const cookie = (await logIn({})).headers.getSetCookie().map((line) => line.split(';')[0]!)[1]!;
    expect(cookie).toMatch(/^remember=/);
    const who = async (headers: object) =>
      (await fetch(`${url}/who`, { headers: { cookie, ...headers } })).json();
    expect(await who({ via: '1.1 proxy' })).toEqual({ subject: null });
    expect(await who({})).toEqual({ subject: 'ada' });
    expect(await app.get(RememberMeService).list('ada')).toHaveLength(1);
  });

  it('remembers for the session that it is told, under a name of its own', async () => {
    @Controller()
    class AdminController {
      constructor(
        @InjectSession('admin') private readonly admin: SessionService,
        @InjectRememberMe('admin') private readonly rememberMe: RememberMeService,
      ) {}

      @Post('login')
      async login() {
        await (await this.admin.current()).login('root');
        await this.rememberMe.remember();
      }

      @Get('who')
      @UseSession('admin')
      who(@CurrentSession() admin: Session, @CurrentSession('default') session: Session) {
        return [admin.subject ?? null, session.subject ?? null];
      }
    }
    @Module({ controllers: [AdminController] })
    class Controllers {}
    const remember = RememberMeModule.forRoot({ session: 'admin', store: memoryStore() });
    const { url } = await listen(sessions(), sessions({ name: 'admin' }), remember, Controllers);
    const client = new Client(url);
    await client.send('POST', '/login');
    client.jar.delete('sid-admin');
    expect([...client.jar.keys()]).toEqual(['remember-admin']);
    expect((await client.get('/who')).body).toEqual(['root', null]);
  });

  it('is mounted by the application itself where that is asked for', async () => {
    @Module({ controllers: [AppController] })
    class Own implements NestModule {
      constructor(private readonly rememberMe: RememberMeService) {}
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(this.rememberMe.middleware).forRoutes('run/*id', 'who');
      }
    }
    const remember = RememberMeModule.forRoot({ store: memoryStore(), mount: false });
    const { url } = await listen(sessions({ mount: false }), remember, Own);
    const client = new Client(url);
    const id = randomUUID();
    scripts.set(id, async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
    });
    await client.send('POST', `/run/${id}`);
    client.jar.delete('sid');
    expect((await client.get('/readonly')).status).toBe(500); // no session is mounted there
    expect((await client.get('/who')).body).toEqual({ subject: 'ada' });
  });

  it('refuses to start bare, or with the table, the cookie or the keys of its session', async () => {
    const store = memoryStore();
    const format = apache({ secrets: ['a passphrase of httpd'] } as never);
    const wrong: [unknown[], string][] = [
      [[sessions(), RememberMeModule], 'imports'],
      [[sessions({ store }), RememberMeModule.forRoot({ store })], 'rememberMe.store'],
      [[sessions(), RememberMeModule.forRoot({ store, cookie: { name: 'sid' } })], 'rememberMe.cookie.name'],
      [
        [
          SessionCryptoModule.forRoot({ crypto: { format }, store: cookieStore({ acceptReplay: true }) }),
          RememberMeModule.forRoot({ store }),
        ],
        'rememberMe.session',
      ],
    ];
    for (const [modules, path] of wrong)
      await expect(listen(...modules)).rejects.toMatchObject({ faults: [{ path }] });
    closing.length = 0; // what did not start need not be closed
  });
});

describe.each(Object.keys(ADAPTERS) as AdapterName[])(
  'statements of a request on %s, counted at the connection',
  (adapter) => {
    const postgres = () => PLACES[1]![1]();

    it('are as many as without remember-me where there is no cookie, or somebody is logged in', async () => {
      const app = await start(adapter, postgres());
      const client = await app.remembered();
      expect(await statementsOf(() => app.client().get('/who'))).toBe(0);
      expect(await statementsOf(() => client.get('/mine'))).toBe(1);
    });

    it('are none where nobody asks for the session, also with the cookie', async () => {
      const app = await start(adapter, postgres());
      const client = await app.returning();
      expect(await statementsOf(() => client.get('/untouched'))).toBe(0);
      expect(await statementsOf(() => client.get('/skipped'))).toBe(0);
    });

    it('are three for an automatic login: the series, the new session, the next token', async () => {
      const app = await start(adapter, postgres());
      const client = await app.returning();
      expect(await statementsOf(() => client.get('/mine'))).toBe(3);
    });
  },
);

describe('a table of series in Postgres', () => {
  it('holds nothing that logs in, and no series that somebody writes there himself', async () => {
    const app = await start('express', PLACES[1]![1]());
    const client = await app.returning('mallory');
    const [row] = (await database.dataSource.query(
      `SELECT encode("key", 'base64') AS "key", encode("sealed", 'base64') AS "sealed" FROM "${table}" WHERE "subject" = 'mallory'`,
    )) as { key: string; sealed: string }[];
    expect(JSON.stringify(row)).not.toContain('mallory');
    await database.dataSource.query(`UPDATE "${table}" SET "subject" = 'ada' WHERE "subject" = 'mallory'`);
    expect(await subjectOf(client)).toBe('mallory');
    const other = await app.returning('eve');
    await database.dataSource.query(
      `UPDATE "${table}" AS "t" SET "sealed" = "o"."sealed" FROM "${table}" AS "o" WHERE "t"."subject" = 'eve' AND "o"."subject" = 'mallory'`,
    );
    expect(await subjectOf(other)).toBeNull();
  });

  it('is pruned of what has expired, and of nothing else', async () => {
    const app = await start('express', PLACES[1]![1]());
    await app.returning('ada');
    await app.returning('eve');
    await database.dataSource.query(
      `UPDATE "${table}" SET "deadline" = now() - interval '1 second' WHERE "subject" = 'eve'`,
    );
    expect(await app.rememberMe.prune()).toBe(1);
    expect([await app.rememberMe.list('ada'), await app.rememberMe.list('eve')]).toMatchObject([[{}], []]);
  });
});

/** What reaches a pg connection while `act` runs. */
async function statementsOf(act: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return query.mock.calls.length;
  } finally {
    query.mockRestore();
  }
}

describe.each(['express', 'fastify'] as const)('an application of NestFactory on %s', (adapter) => {
  it('starts, since Nest has its adapter there before it makes the modules', async () => {
    @Module({
      imports: [
        RememberMeModule.forRoot({ store: memoryStore() }),
        SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore() }),
      ],
      controllers: [AppController],
    })
    class AppModule {}
    const platform = new (ADAPTERS[adapter] as typeof ExpressAdapter)();
    const app = await NestFactory.create(AppModule, platform, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const answer = await fetch(`${await app.getUrl()}/nothing`);
    await app.close();
    expect(answer.status).toBe(404);
  });
});
