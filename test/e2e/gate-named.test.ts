import { Controller, Get, Post } from '@nestjs/common';
import {
  cookieStore,
  CurrentSession,
  Session,
  SessionCryptoModule,
  UseSession,
  type SessionStore,
} from 'nestjs-session-crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launch, PLATFORMS, SECRETS, type Running } from './support/gate-app.js';
import { ask, cookieOf, linesOf } from './support/gate-client.js';
import { RecordingStore } from './support/gate-store.js';

@Controller()
class TwoSessions {
  @Post('both')
  both(@CurrentSession() visitor: Session, @CurrentSession('admin') admin: Session) {
    visitor.set('who', 'visitor');
    admin.set('who', 'admin');
    return 'both';
  }

  @Get('both')
  read(@CurrentSession() visitor: Session, @CurrentSession('admin') admin: Session) {
    return [visitor.get('who') ?? null, admin.get('who') ?? null];
  }

  @Post('admin')
  @UseSession('admin')
  admin(@CurrentSession() session: Session) {
    session.set('who', 'admin');
    return 'admin';
  }

  @Get('unknown')
  @UseSession('nobody')
  unknown(@CurrentSession() session: Session) {
    return session.isNew;
  }
}

const modulesOf = (visitor: SessionStore, admin: SessionStore | ReturnType<typeof cookieStore>) => [
  SessionCryptoModule.forRoot({ crypto: { secrets: SECRETS }, store: visitor }),
  SessionCryptoModule.forRoot({
    name: 'admin',
    crypto: { secrets: SECRETS },
    cookie: { name: 'admin' },
    store: admin,
  }),
];

describe.each(PLATFORMS)('two named sessions on $platform', ({ platform }) => {
  let visitor: RecordingStore;
  let admin: RecordingStore;
  let log: string[];
  let running: Running;
  let port: number;

  beforeAll(async () => {
    visitor = new RecordingStore();
    admin = new RecordingStore();
    log = [];
    for (const [name, store] of Object.entries({ visitor, admin }))
      store.note = (entry) => void log.push(`${name} ${entry}`);
    running = await launch(platform, {
      imports: modulesOf(visitor, admin),
      controllers: [TwoSessions],
      onHead: () => void log.push('head'),
    });
    ({ port } = running);
  });

  afterAll(() => running.close());

  beforeEach(() => {
    visitor.failing = admin.failing = false;
    log.length = 0;
  });

  it('share one gate: one head waits for both', async () => {
    const answer = await ask(port, '/both', { method: 'POST' });
    expect(answer.body).toBe('both');
    expect([linesOf(answer).length, linesOf(answer, 'admin').length]).toEqual([1, 1]);
    expect(log.at(-1)).toBe('head');
    expect(log.toSorted()).toEqual(['admin save', 'admin saved', 'head', 'visitor save', 'visitor saved']);
  });

  it('come back each by its own cookie', async () => {
    const begun = await ask(port, '/both', { method: 'POST' });
    const sid = cookieOf(begun);
    const other = cookieOf(begun, 'admin');
    const cookies = [`${sid}; ${other}`, sid, other];
    const bodies = await Promise.all(
      cookies.map(async (cookie) => (await ask(port, '/both', { headers: { cookie } })).body),
    );
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      ['visitor', 'admin'],
      ['visitor', null],
      [null, 'admin'],
    ]);
  });

  it('do not open each other’s cookies', async () => {
    const begun = await ask(port, '/both', { method: 'POST' });
    const swapped = cookieOf(begun).replace('sid=', 'admin=');
    const answer = await ask(port, '/both', { headers: { cookie: swapped } });
    expect(JSON.parse(answer.body)).toEqual([null, null]);
  });

  it.each(['visitor', 'admin'])('send one clean 503 when the %s cannot be stored', async (name) => {
    (name === 'admin' ? admin : visitor).failing = true;
    const answer = await ask(port, '/both', { method: 'POST' });
    expect(answer.status).toBe(503);
    expect(answer.cookies).toEqual([]);
    expect(log.filter((entry) => entry === 'head')).toHaveLength(1);
  });

  it('leave the session alone that a route does not name', async () => {
    const answer = await ask(port, '/admin', { method: 'POST' });
    expect(answer.cookies.map((line) => line.split('=')[0])).toEqual(['admin']);
    expect(log).toEqual(['admin save', 'admin saved', 'head']);
  });

  it('answer 500 on a route that names a session nobody defined', async () => {
    expect((await ask(port, '/unknown')).status).toBe(500);
  });
});

it.each(PLATFORMS)('a stored and a sealed session share one head on $platform', async ({ platform }) => {
  const running = await launch(platform, {
    imports: modulesOf(new RecordingStore(), cookieStore({ acceptReplay: true })),
    controllers: [TwoSessions],
  });
  const answer = await ask(running.port, '/both', { method: 'POST' });
  await running.close();
  expect([linesOf(answer).length, linesOf(answer, 'admin').length]).toEqual([1, 1]);
});
