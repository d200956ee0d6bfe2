import { Readable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { Controller, Inject, Post, Res } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  type Session,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import type { SessionPlan } from '../support/test-app.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp } from '../support/test-app.js';

type Values = Session<Record<string, unknown>>;
type PlatformResponse = ServerResponse & { raw?: ServerResponse; hijack?(): void };
type Send = (response: ServerResponse) => unknown;

const TOO_LARGE = 'x'.repeat(2_000_000);
const visits = (session: Values) => session.get('cart') ?? null;

/** The ways in which a handler sends a head. */
const WAYS: readonly (readonly [string, Send])[] = [
  ['end', (response) => response.end('{}')],
  ['writeHead', (response) => response.writeHead(200, { 'x-own': '1' }).end('{}')],
  ['write', (response) => (response.write('{'), response.end('}'))],
  ['flushHeaders', (response) => (response.flushHeaders(), response.end('{}'))],
  ['pipe', (response) => Readable.from(['{', '}']).pipe(response)],
];

@Controller()
class RawRoutes {
  constructor(@Inject('handler') private readonly handler: { send: Send }) {}

  @Post('begin')
  begin(@CurrentSession() session: Values) {
    session.set('cart', 'tea');
  }

  @Post('cart')
  cart(@CurrentSession() session: Values) {
    return { cart: session.get('cart') ?? null };
  }

  @Post('fail')
  async fail(@CurrentSession() session: Values, @Res() response: PlatformResponse): Promise<void> {
    await session.regenerate();
    await session.save();
    session.set('more', TOO_LARGE);
    response.hijack?.();
    this.handler.send(response.raw ?? response);
  }
}

const launch = (adapter: AdapterName, send: Send, store: SessionPlan['store'] = memoryStore()) =>
  startApp({
    adapter,
    session: { store },
    controllers: [RawRoutes],
    providers: [{ provide: 'handler', useValue: { send } }],
  });

describe.each(ADAPTER_NAMES)('an error after a commit that has succeeded, on %s', (adapter) => {
  it.each(WAYS)('carries the new id, sent by %s', async (_way, send) => {
    const app = await launch(adapter, send);
    const visitor = app.visitor();
    await visitor.post('/begin', '');
    const before = visitor.cookie;
    const { status, cookies, headers } = await visitor.post('/fail', '');
    expect([status, cookies.length, headers['cache-control']]).toEqual([500, 1, 'no-store']);
    expect(visitor.cookie).not.toBe(before);
    expect((await visitor.post('/cart', '')).body).toEqual({ cart: 'tea' });
  });

  it('carries the state that a session in the cookie was saved in', async () => {
    const app = await ScriptApp.start({ store: cookieStore() }, adapter);
    const client = app.client();
    const { status } = await client.run(async (session) => {
      session.set('cart', 'tea');
      await session.save();
      session.set('more', 'x'.repeat(9000));
    });
    expect(status).toBe(500);
    expect(await client.result(visits)).toBe('tea');
  });

  it('carries the end of a session', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    await client.run(async (session) => {
      await session.logout();
      await session.save();
      session.set('more', TOO_LARGE);
    });
    expect(client.cookie).toBe('');
  });

  it('carries nothing where nothing was stored before', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', 'tea'));
    const { cookies } = await client.run(async (session) => {
      await session.regenerate();
      session.set('more', TOO_LARGE);
    });
    expect(cookies).toEqual([]);
    expect(await client.result(visits)).toBe('tea');
  });
});

@Controller()
class TwoSessions {
  @Post('both')
  both(@CurrentSession() first: Values, @CurrentSession('second') second: Values) {
    if (first.isNew) first.set('cart', 'tea');
    second.set('n', Math.random());
    return { cart: first.get('cart') };
  }
}

describe.each(ADAPTER_NAMES)('an error of one of two sessions on %s', (adapter) => {
  it('carries the new id of the other', async () => {
    let ahead = 0;
    const now = () => new Date(Date.now() + ahead);
    const second: SessionStore = memoryStore({ now });
    const crypto = { secrets: [SECRET] };
    const app = await startApp({
      adapter,
      imports: [
        SessionCryptoModule.forRoot({ crypto, store: memoryStore({ now }) }),
        SessionCryptoModule.forRoot({
          name: 'second',
          crypto,
          store: second,
          cookie: { name: 'second' },
          session: { regenerateInterval: 0 },
        }),
      ],
      controllers: [TwoSessions],
    });
    const visitor = app.visitor();
    await visitor.post('/both', '');
    const [first, other] = ['sid', 'second'].map((name) => visitor.jar.get(name));
    ahead = 900_000;
    second.replace = () => Promise.reject(Object.assign(new Error('db down'), { code: 'DOWN' }));
    expect((await visitor.post('/both', '')).status).toBe(503);
    expect(visitor.jar.get('sid')).not.toBe(first);
    expect(visitor.jar.get('second')).toBe(other);
  });
});
