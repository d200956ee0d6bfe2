import { RequestMethod } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { Server, ServerResponse } from 'node:http';
import { SessionInterceptor } from 'nestjs-session-crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnsweringMiddleware, Routes } from './support/gate-routes.js';
import { watchHeads } from './support/heads.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { type Answer, cookieOf, linesOf, sendRequest } from '../support/ask.js';
import { type AppPlan, startApp, TestApp } from '../support/test-app.js';

/** A request that changes a new session: what comes back, apart from the cookie. */
interface Change {
  readonly method?: string;
  readonly json?: unknown;
  readonly title: string;
  readonly path: string;
  readonly status: number;
  readonly text: string | RegExp;
  readonly headers?: Record<string, string>;
  /** How many cookies there are besides ours. */
  readonly others?: number;
  readonly answers?: Record<string, string>;
  readonly length?: number;
}

const BULK = 800_000;

const CHANGES: readonly Change[] = [
  {
    title: 'a POST with JSON',
    path: '/count',
    method: 'POST',
    json: { x: 1 },
    status: 201,
    text: '{"count":1,"body":{"x":1},"current":true}',
  },
  { title: '@Redirect', path: '/redirect', status: 302, text: /^/, answers: { location: '/elsewhere' } },
  {
    title: 'res.redirect()',
    path: '/platform-redirect',
    status: 302,
    text: /^/,
    answers: { location: '/elsewhere' },
  },
  { title: '@Res() send()', path: '/send', status: 201, text: '{"secret":"sent"}' },
  {
    title: '@Res() with raw writeHead, write and end, and a cookie in writeHead',
    path: '/raw',
    status: 202,
    text: 'secret end',
    others: 1,
    answers: { 'x-own': 'yes' },
  },
  {
    title: 'a passthrough response with a cookie',
    path: '/passthrough',
    status: 200,
    text: '{"secret":"passed"}',
    others: 1,
  },
  { title: 'a StreamableFile of 800 kB', path: '/file', status: 200, text: /^a+$/, length: BULK },
  { title: 'a stream of 800 kB piped into @Res()', path: '/pipe', status: 200, text: /^b+$/, length: BULK },
  { title: 'server-sent events', path: '/sse', status: 200, text: /"secret":0[^]*"secret":1[^]*"secret":2/ },
  { title: 'a web Response', path: '/web', status: 203, text: 'secret web', answers: { 'x-web': 'yes' } },
  { title: 'an async generator', path: '/generator', status: 200, text: /secret [^]*end/ },
  { title: 'an Observable that fails', path: '/observable-error', status: 409, text: /observed/ },
  { title: 'a handler that throws an HttpException', path: '/throw', status: 418, text: /secret teapot/ },
  {
    title: 'a handler that throws an Error',
    path: '/throw-error',
    status: 500,
    text: /Internal server error/,
  },
  { title: 'a guard that changes and denies', path: '/deny', status: 403, text: /Forbidden/ },
  { title: 'a guard that changes and allows', path: '/allow', status: 200, text: '{"guard":"was here"}' },
  {
    title: 'an exception filter that changes and answers',
    path: '/filter',
    status: 418,
    text: /secret cause/,
  },
  { title: 'HEAD of a GET route', path: '/allow', method: 'HEAD', status: 200, text: '' },
  { title: 'a 304', path: '/etag', status: 304, text: '', headers: { 'if-none-match': '"v1"' } },
  { title: 'middleware that answers', path: '/middleware', status: 200, text: 'secret middleware' },
  { title: 'a handler that sends, then throws', path: '/send-throw', status: 200, text: '{"first":true}' },
  { title: 'a session taken from the service', path: '/current', status: 200, text: '{"current":true}' },
];

const FAILURES = CHANGES.filter(
  ({ path, method }) =>
    method === 'HEAD' ||
    [
      '/count',
      '/redirect',
      '/platform-redirect',
      '/send',
      '/raw',
      '/passthrough',
      '/file',
      '/pipe',
      '/sse',
      '/web',
      '/generator',
      '/throw',
      '/deny',
      '/filter',
      '/middleware',
    ].includes(path),
);

const TABLE = ADAPTER_NAMES.flatMap((adapter) => [
  { adapter, interceptor: false, how: 'by the gate alone' },
  { adapter, interceptor: true, how: 'with the interceptor too' },
]);

const of = (log: readonly string[], entry: string) => log.filter((one) => one === entry).length;

/** An application with all routes; the log of the store says when heads leave. */
const startRoutes = (adapter: AdapterName, store: RecordingStore, more: Partial<AppPlan> = {}) =>
  startApp({
    adapter,
    session: { store },
    imports: [AnsweringMiddleware],
    controllers: [Routes],
    prepare: (nest) => watchHeads(nest, () => store.note('head')),
    ...more,
  });

describe.each(TABLE)('the response gate on $adapter, $how', ({ adapter, interceptor }) => {
  let store: RecordingStore;
  let app: TestApp;

  beforeAll(async () => {
    store = new RecordingStore();
    app = await startRoutes(adapter, store, {
      providers: interceptor ? [{ provide: APP_INTERCEPTOR, useClass: SessionInterceptor }] : [],
    });
  });

  beforeEach(() => {
    store.failing = false;
    store.log.length = 0;
  });

  /** A session that is stored already, as its cookie. */
  async function begun(): Promise<string> {
    const cookie = cookieOf(await app.ask('/count', { method: 'POST', json: {} }));
    store.log.length = 0;
    return cookie;
  }

  it.each(CHANGES)('stores once before the head, and sends the cookie: $title', async (change) => {
    const answer = await app.ask(change.path, change);
    expect(answer.status).toBe(change.status);
    if (typeof change.text === 'string') expect(answer.text).toBe(change.text);
    else expect(change.text.test(answer.text)).toBe(true);
    expect(answer.text).toHaveLength(change.length ?? answer.text.length);
    expect(answer.headers).toMatchObject(change.answers ?? {});
    expect(linesOf(answer)).toHaveLength(1);
    expect(answer.cookies).toHaveLength(1 + (change.others ?? 0));
    expect(store.log).toEqual(['save', 'saved', 'head']);
  });

  it.each(FAILURES)('answers one clean 503 when storing fails: $title', async (change) => {
    store.failing = true;
    const answer = await app.ask(change.path, change);
    expect(answer.status).toBe(503);
    expect(linesOf(answer)).toEqual([]);
    expect(store.log).toEqual(['save', 'head']);
    expect(answer.text).not.toMatch(/secret|aaaa|bbbb/);
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    if (change.method === 'HEAD') expect(answer.text).toBe('');
    else expect(answer.body).toEqual({ statusCode: 503, message: expect.any(String) });
  });

  it('leaves a route that asks for no session untouched', async () => {
    const answer = await app.ask('/untouched', { headers: { cookie: await begun() } });
    expect(answer.status).toBe(200);
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['head']);
  });

  it('leaves an unknown route untouched', async () => {
    const answer = await app.ask('/nowhere', { headers: { cookie: await begun() } });
    expect(answer.status).toBe(404);
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['head']);
  });

  it('loads and does not save a session that is only read', async () => {
    const answer = await app.ask('/read', { headers: { cookie: await begun() } });
    expect(answer.text).toBe('{"count":1,"late":false}');
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['load', 'head']);
  });

  it('saves an existing session without a new cookie', async () => {
    const cookie = await begun();
    const answer = await app.ask('/count', { method: 'POST', json: {}, headers: { cookie } });
    expect(answer.body).toMatchObject({ count: 2, current: true });
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['load', 'save', 'saved', 'head']);
  });

  it.each([
    { path: '/sse-late', title: 'while events are sent', body: /"i":2/ },
    { path: '/late', title: 'after the response', body: /"ok":true/ },
  ])('accepts and loses a change $title, and says so', async ({ path, body }) => {
    const cookie = await begun();
    const lost = app.nextEvent('lostChange');
    const answer = await app.ask(path, { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(body);
    await lost;
    expect(store.log).toEqual(['load', 'head']);
    const after = await app.ask('/read', { headers: { cookie } });
    expect(after.body).toMatchObject({ late: false });
  });

  it('stores a change after the head when save() follows', async () => {
    const cookie = await begun();
    const answer = await app.ask('/late-save', { headers: { cookie } });
    expect(answer.text).toBe('saved');
    const after = await app.ask('/read', { headers: { cookie } });
    expect(after.body).toMatchObject({ late: true });
  });

  it('saves for a client that goes away meanwhile, and lives on', async () => {
    const release = store.hold();
    const closed = nextClose(app);
    const request = sendRequest(`${app.url}/count`, { method: 'POST', json: {} });
    const gone = new Promise<void>((resolve) => request.once('error', () => resolve()));
    await store.seen('save');
    request.destroy();
    await Promise.all([gone, closed]);
    release();
    await store.seen('saved');
    expect(of(store.log, 'save')).toBe(1);
    expect((await app.ask('/untouched')).status).toBe(200);
  });

  it('keeps 50 concurrent requests apart', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => app.ask(`/own?i=${i}`)));
    const bodies = answers.map(({ body }) => body as { i: string; id: string; same: boolean });
    expect(bodies.map(({ i }) => i)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    expect(bodies.every(({ same }) => same)).toBe(true);
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(50);
    expect(new Set(answers.map((answer) => cookieOf(answer))).size).toBe(50);
    expect(of(store.log, 'save')).toBe(50);
  });
});

describe.each(ADAPTER_NAMES)('the response gate on %s', (adapter) => {
  let store: RecordingStore;
  let app: TestApp;

  beforeAll(async () => {
    store = new RecordingStore();
    app = await startRoutes(adapter, store);
  });

  beforeEach(() => {
    store.failing = false;
    store.log.length = 0;
  });

  it.each(['/raw-flat', '/raw-pairs'])('keeps the cookies of writeHead(%s)', async (path) => {
    const answer = await app.ask(path);
    expect(answer.status).toBe(202);
    expect(answer.headers['x-own']).toBe('yes');
    expect(namesOf(answer)).toEqual(['other', 'own', 'sid']);
  });

  it('replaces a cookie of our name that the application sets', async () => {
    const answer = await app.ask('/our-name');
    expect(namesOf(answer)).toEqual(['sid']);
    expect(answer.cookies[0]).not.toContain('stranger');
  });

  it('sends the first of two answers whole', async () => {
    const answer = await app.ask('/send-twice');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"first":true}');
    expect(linesOf(answer)).toHaveLength(1);
  });

  it('sends one clean 500 when a handler gives writeHead what no header can hold', async () => {
    const answer = await app.ask('/bad-cookie');
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal Server Error' });
    expect(namesOf(answer)).toEqual(['sid']); // all is stored
  });

  it('cuts off a producer that ignores back-pressure, with one clean error', async () => {
    const answer = await app.ask('/flood');
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual({ statusCode: 503, message: 'Service Unavailable' });
    expect(linesOf(answer)).toEqual([]);
    expect(of(store.log, 'head')).toBe(1);
  });

  it('takes no change of a new session after the head, since its cookie cannot follow', async () => {
    expect((await app.ask('/late-save-new')).text).toBe('ERR_SESSION_HEAD_SENT');
  });

  it('tells why the answer was replaced', async () => {
    store.failing = true;
    const told = app.nextEvent('commitFailed');
    await app.ask('/send');
    expect(await told).toEqual({
      session: 'default',
      code: 'ERR_SESSION_STORE',
      message: 'The session store is unavailable',
    });
  });

  it('keeps CORS, Vary and nothing else of a head that is replaced', async () => {
    store.failing = true;
    const answer = await app.ask('/cors');
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      vary: 'Origin',
    });
    expect(answer.headers).not.toHaveProperty('x-own');
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe.each(ADAPTER_NAMES)('a store that hangs on %s', (adapter) => {
  it('holds the head for the commit timeout, then answers 503', async () => {
    const store = new RecordingStore();
    const session = { session: { commitTimeout: 1 }, store };
    const app = await startRoutes(adapter, store, { session });
    const release = store.hold();
    const answer = await app.ask('/send');
    expect(answer.status).toBe(503);
    expect(answer.cookies).toEqual([]);
    expect(store.log).toEqual(['save', 'head']);
    release();
    await app.close();
    expect(store.log).toEqual(['save', 'head', 'saved']);
  });
});

describe.each(ADAPTER_NAMES)('a global prefix on %s', (adapter) => {
  it('covers the routes inside and the routes that are excluded', async () => {
    const app = await startRoutes(adapter, new RecordingStore(), {
      prepare: (nest) =>
        nest.setGlobalPrefix('api', { exclude: [{ path: 'current', method: RequestMethod.GET }] }),
    });
    const inside = await app.ask('/api/send');
    const excluded = await app.ask('/current');
    const outside = await app.ask('/nowhere');
    expect([inside.status, linesOf(inside).length]).toEqual([201, 1]);
    expect([excluded.status, linesOf(excluded).length]).toEqual([200, 1]);
    expect([outside.status, outside.cookies]).toEqual([404, []]);
  });
});

/** The next response has lost its client, as the server sees it. */
function nextClose({ app }: TestApp): Promise<void> {
  const server = app.getHttpServer() as Server;
  return new Promise((resolve) => {
    server.once('request', (_request, response: ServerResponse) => response.once('close', resolve));
  });
}

const namesOf = ({ cookies }: Answer) => cookies.map((line) => line.slice(0, line.indexOf('='))).toSorted();
