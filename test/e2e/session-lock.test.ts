import { ConflictException, Controller, Post, UseGuards } from '@nestjs/common';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  SessionGuard,
  SessionLock,
  type Session,
  type SessionLocks,
  type SessionStore,
} from 'nestjs-session-crypto';
import { once } from 'node:events';
import { request, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { SERVER_STORES } from '../support/stores.js';
import { startApp, type TestApp } from '../support/test-app.js';
import type { Visitor } from '../support/visitor.js';

type Counting = Session<{ n: number; held: boolean }>;

/** Where a handler stands until the test lets it go on. */
class Stop {
  readonly open: () => void;
  readonly reached: Promise<void>;
  private readonly opened: Promise<void>;
  private reach!: () => void;

  constructor() {
    let open!: () => void;
    this.opened = new Promise((resolve) => (open = resolve));
    this.reached = new Promise((resolve) => (this.reach = resolve));
    this.open = open;
  }

  stand(): Promise<void> {
    this.reach();
    return this.opened;
  }
}

let stop: Stop;
let entered: string[];
beforeEach(() => {
  stop = new Stop();
  entered = [];
});

/** Reads, lets others run for a while, and writes what it has read and one more. */
async function countUp(session: Counting, others = severalTicks) {
  const n = session.get('n')!;
  await others();
  session.set('n', n + 1);
}

async function severalTicks() {
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
}

@Controller()
class Orders {
  @Post('begin')
  async begin(@CurrentSession() session: Counting) {
    session.set('n', 0);
    await session.login('ada');
  }

  @Post('unlocked')
  unlocked(@CurrentSession() session: Counting) {
    entered.push('unlocked');
    if (entered.length === 2) stop.open();
    return countUp(session, () => stop.stand());
  }

  @Post('count')
  @SessionLock({ wait: 20 })
  count(@CurrentSession() session: Counting) {
    return countUp(session);
  }

  @Post('hold')
  @SessionLock({ wait: 20 })
  async hold(@CurrentSession() session: Counting) {
    await stop.stand();
    session.set('held', true);
  }

  @Post('now')
  @SessionLock({ wait: 0 })
  now(@CurrentSession() session: Counting) {
    entered.push('now');
    return session.all();
  }

  @Post('after')
  @UseGuards(SessionGuard)
  @SessionLock({ wait: 20 })
  after(@CurrentSession() session: Counting) {
    entered.push('after');
    return session.all();
  }

  @Post('fail')
  @SessionLock({ wait: 20 })
  async fail(@CurrentSession() session: Counting) {
    session.set('held', true);
    throw new ConflictException('refused by the handler');
  }

  @Post('out')
  @SessionLock({ wait: 20 })
  async out(@CurrentSession() session: Counting) {
    await stop.stand();
    await session.logout();
  }
}

@Controller('strict')
@SessionLock({ wait: 20 })
class Strict {
  @Post('count')
  count(@CurrentSession() session: Counting) {
    return countUp(session);
  }

  @Post('now')
  @SessionLock({ wait: 0 })
  now() {}
}

const CONTROLLERS = [Orders, Strict];

/** Notes the locks that were given. */
class Asked {
  readonly held: (readonly [name: Buffer, holder: Buffer])[] = [];

  constructor(readonly locks: SessionLocks) {
    const { acquire } = locks;
    locks.acquire = async (name, holder, milliseconds) => {
      const isFree = await acquire.call(locks, name, holder, milliseconds);
      if (isFree) this.held.push([name, holder]);
      return isFree;
    };
  }
}

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const PLACES = ADAPTER_NAMES.flatMap((adapter) => SERVER_STORES.map((store) => [adapter, ...store] as const));

describe.each(PLACES)('@SessionLock() on %s with %s', (adapter, _, make) => {
  let app: TestApp;
  let asked: Asked;
  let ada: Visitor;
  beforeAll(async () => {
    const store = make(database) as SessionStore;
    asked = new Asked(store.locks!);
    app = await startApp({ adapter, controllers: CONTROLLERS, session: { store } });
  });
  beforeEach(async () => {
    ada = app.visitor();
    expect((await ada.send('POST', '/begin')).status).toBe(201);
  });
  const statusOf = async (path: string, visitor = ada) => (await visitor.copy().send('POST', path)).status;
  const valuesOf = async () => (await ada.copy().send('POST', '/after')).body;

  it.each(['/count', '/strict/count'])('runs one handler of a session at a time: %s', async (path) => {
    const all = await Promise.all(Array.from({ length: 12 }, () => statusOf(path)));
    expect(all).toEqual(Array(12).fill(201));
    expect(await valuesOf()).toEqual({ n: 12 });
  });

  it('is what makes them count: without it, they overwrite each other', async () => {
    await Promise.all([statusOf('/unlocked'), statusOf('/unlocked')]);
    expect(await valuesOf()).toEqual({ n: 1 });
  });

  it('answers 423 when the wait is over, and lets the request in when the other one is done', async () => {
    const first = statusOf('/hold');
    await stop.reached;
    const answer = await ada.copy().send('POST', '/now');
    expect([answer.status, (answer.body as { statusCode: number }).statusCode]).toEqual([423, 423]);
    expect([await statusOf('/strict/now'), entered]).toEqual([423, []]);
    stop.open();
    expect(await first).toBe(201);
    expect(await valuesOf()).toEqual({ n: 0, held: true });
  });

  it('neither keeps other sessions waiting, nor requests without a session', async () => {
    const bob = app.visitor();
    await bob.send('POST', '/begin');
    const first = statusOf('/hold');
    await stop.reached;
    expect(await statusOf('/now', bob)).toBe(201);
    expect(await statusOf('/now', app.visitor())).toBe(201);
    stop.open();
    await first;
  });

  it('is no matter for a visitor without a session', async () => {
    const stranger = app.visitor();
    const before = asked.held.length;
    const first = statusOf('/hold', stranger);
    await stop.reached;
    expect(await statusOf('/now', stranger)).toBe(201);
    expect(asked.held).toHaveLength(before);
    stop.open();
    await first;
  });

  it('is given back by a handler that throws, whose changes are stored', async () => {
    expect(await statusOf('/fail')).toBe(409);
    expect(await valuesOf()).toEqual({ n: 0, held: true });
  });

  it('is kept by a handler whose client has gone, until it is done', async () => {
    const gone = request(`${app.url}/hold`, { method: 'POST', headers: { cookie: ada.cookie } });
    gone.on('error', () => undefined).end();
    await stop.reached;
    gone.destroy();
    expect(await statusOf('/now')).toBe(423);
    const next = valuesOf();
    stop.open();
    expect(await next).toEqual({ n: 0, held: true });
  });

  it('runs no handler for a client that has gone while it waited', async () => {
    const holding = statusOf('/hold');
    await stop.reached;
    const gone = request(`${app.url}/after`, { method: 'POST', headers: { cookie: ada.cookie } });
    const arrived = once(app.app.getHttpServer() as Server, 'request') as Promise<[IncomingMessage]>;
    gone.on('error', () => undefined).end();
    const [{ socket }] = await arrived;
    expect(await statusOf('/now')).toBe(423); // `gone` came before, so it waits by now
    gone.destroy();
    await once(socket, 'close');
    stop.open();
    await holding;
    expect(await valuesOf()).toEqual({ n: 0, held: true });
    expect(entered).toEqual(['after']);
  });

  it('refuses a request with 409 whose session ends while it waits, although its guard has admitted it', async () => {
    const leaving = statusOf('/out');
    await stop.reached;
    const waiting = statusOf('/after');
    stop.open();
    expect(await leaving).toBe(201);
    expect([409, 401]).toContain(await waiting);
    expect(entered).toEqual([]);
  });

  it('refuses with 409 what a request has changed that has lost its lock', async () => {
    const late = statusOf('/hold');
    await stop.reached;
    const [name, holder] = asked.held.at(-1)!;
    const thief = Buffer.alloc(12);
    await asked.locks.release(name, holder);
    expect(await asked.locks.acquire(name, thief, 60_000)).toBe(true);
    await asked.locks.release(name, thief);
    stop.open();
    expect(await late).toBe(409);
    expect(await valuesOf()).toEqual({ n: 0 });
    expect(app.seen('commitFailed').at(-1)).toMatchObject({ code: 'ERR_SESSION_LOCK_LOST' });
  });
});

describe('@SessionLock()', () => {
  it.each([
    [
      'cookieStore()',
      () => cookieStore(),
      '"cookie"',
      'sessions are in the cookie; use',
      ', which keep them on the server',
    ],
    [
      'a store without locks',
      () => Object.assign(memoryStore(), { locks: undefined }),
      '"memory"',
      'it has no `locks`; add that to a store of your own, or use',
      '',
    ],
  ])('stops the start with %s, and the error names the handlers', async (_, make, kind, why, more) => {
    const starting = startApp({ controllers: CONTROLLERS, session: { store: make() as never } });
    await expect(starting).rejects.toThrow(
      `store: ${kind} has no locks for @SessionLock(): ${why} typeOrmStore(), pgStore() or redisStore()${more}; ` +
        'it is on Orders.count(), Orders.hold()',
    );
  });

  it.each([
    [{ wait: -1 }, '@SessionLock().wait: is -1; allowed are 0 to 600 seconds'],
    [{ wait: 5000 }, '@SessionLock().wait: is 5000; allowed are 0 to 600 seconds'],
    [{ lease: 0 }, '@SessionLock().lease: is 0; allowed are 1 to 3600 seconds'],
    [{ lease: '60' }, '@SessionLock().lease: is a string'],
    [{ waits: 1 }, '@SessionLock().waits: is unknown; is "wait" meant?'],
  ])('refuses the options %o', (options, message) => {
    expect(() => SessionLock(options as never)).toThrow(message);
  });
});
