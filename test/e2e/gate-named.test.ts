import { Controller, Get, Post } from '@nestjs/common';
import {
  cookieStore,
  CurrentSession,
  Session,
  SessionCryptoModule,
  UseSession,
  type SessionStore,
} from 'nestjs-session-crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { watchHeads } from './support/heads.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cookieOf, linesOf } from '../support/ask.js';
import { SECRET, startApp, TestApp } from '../support/test-app.js';

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
  SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: visitor }),
  SessionCryptoModule.forRoot({
    name: 'admin',
    crypto: { secrets: [SECRET] },
    cookie: { name: 'admin' },
    store: admin,
  }),
];

describe.each(ADAPTER_NAMES)('two named sessions on %s', (adapter) => {
  let visitor: RecordingStore;
  let admin: RecordingStore;
  let log: string[];
  let app: TestApp;

  beforeAll(async () => {
    visitor = new RecordingStore();
    admin = new RecordingStore();
    log = [];
    for (const [name, store] of Object.entries({ visitor, admin }))
      store.note = (entry) => void log.push(`${name} ${entry}`);
    app = await startApp({
      adapter,
      imports: modulesOf(visitor, admin),
      controllers: [TwoSessions],
      prepare: (nest) => watchHeads(nest, () => void log.push('head')),
    });
  });

  beforeEach(() => {
    visitor.failing = admin.failing = false;
    log.length = 0;
  });

  it('share one gate: one head waits for both', async () => {
    const answer = await app.ask('/both', { method: 'POST' });
    expect(answer.body).toBe('both');
    expect([linesOf(answer).length, linesOf(answer, 'admin').length]).toEqual([1, 1]);
    expect(log.at(-1)).toBe('head');
    expect(log.toSorted()).toEqual(['admin save', 'admin saved', 'head', 'visitor save', 'visitor saved']);
  });

  it('come back each by its own cookie', async () => {
    const begun = await app.ask('/both', { method: 'POST' });
    const sid = cookieOf(begun);
    const other = cookieOf(begun, 'admin');
    const cookies = [`${sid}; ${other}`, sid, other];
    const bodies = await Promise.all(
      cookies.map(async (cookie) => (await app.ask('/both', { headers: { cookie } })).body),
    );
    expect(bodies).toEqual([
      ['visitor', 'admin'],
      ['visitor', null],
      [null, 'admin'],
    ]);
  });

  it('do not open each other’s cookies', async () => {
    const begun = await app.ask('/both', { method: 'POST' });
    const swapped = cookieOf(begun).replace('sid=', 'admin=');
    const answer = await app.ask('/both', { headers: { cookie: swapped } });
    expect(answer.body).toEqual([null, null]);
  });

  it.each([
    ['visitor', 'admin'],
    ['admin', 'sid'],
  ])(
    'send one clean 503 when the %s cannot be stored, with the cookie of the other',
    async (name, cookie) => {
      (name === 'admin' ? admin : visitor).failing = true;
      const answer = await app.ask('/both', { method: 'POST' });
      expect(answer.status).toBe(503);
      expect(answer.cookies.map((line) => line.split('=')[0])).toEqual([cookie]);
      expect(log.filter((entry) => entry === 'head')).toHaveLength(1);
    },
  );

  it('leave the session alone that a route does not name', async () => {
    const answer = await app.ask('/admin', { method: 'POST' });
    expect(answer.cookies.map((line) => line.split('=')[0])).toEqual(['admin']);
    expect(log).toEqual(['admin save', 'admin saved', 'head']);
  });

  it('answer 500 on a route that names a session nobody defined', async () => {
    expect((await app.ask('/unknown')).status).toBe(500);
  });
});

it.each(ADAPTER_NAMES)('a stored and a sealed session share one head on %s', async (adapter) => {
  const app = await startApp({
    adapter,
    imports: modulesOf(new RecordingStore(), cookieStore({ acceptReplay: true })),
    controllers: [TwoSessions],
  });
  const answer = await app.ask('/both', { method: 'POST' });
  expect([linesOf(answer).length, linesOf(answer, 'admin').length]).toEqual([1, 1]);
});
