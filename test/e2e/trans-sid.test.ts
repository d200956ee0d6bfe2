import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Post,
  Query,
  Redirect,
  Render,
  Req,
  Res,
  StreamableFile,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  ReadonlySession,
  SessionConfigError,
  SessionCryptoModule,
  SkipSession,
  type IdOptions,
  type Session,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { type Answer, cookieOf, type Question } from '../support/ask.js';
import { SECRET, startApp, TestApp } from '../support/test-app.js';

type AnySession = Session<Record<string, unknown>>;
type RawReply = ServerResponse & { raw?: ServerResponse; hijack?(): void };
interface Seen {
  readonly url: string;
  readonly originalUrl: string;
  readonly query: object;
  readonly headers: Readonly<Record<string, string>>;
}

const PAGE =
  '<p>é</p><a href="/count">on</a><a href="/count?x=1#top">x</a><form action="/login" method="post">';
const html = (text: string) => `<!DOCTYPE html><html><body>${text}${PAGE}</form></body></html>`;

@Controller()
class PageController {
  @Get('count')
  @Header('content-type', 'text/html; charset=utf-8')
  count(@CurrentSession() session: AnySession) {
    return html(`<b>${session.increment('n')}</b><i>${session.subject ?? 'nobody'}</i>`);
  }

  @Get('basket')
  @Header('content-type', 'text/html; charset=utf-8')
  basket(@CurrentSession('basket') session: AnySession) {
    return html(`<b>${session.increment('n')}</b>`);
  }

  @Get('static')
  @SkipSession()
  @Header('content-type', 'text/html; charset=utf-8')
  static() {
    return html('');
  }

  @Get('look')
  @ReadonlySession()
  @Header('content-type', 'text/html; charset=utf-8')
  look(@CurrentSession() session: AnySession) {
    return html(`<b>${session.get('n') as number}</b>`);
  }

  @Get('view')
  @Render('page')
  view(@CurrentSession() session: AnySession) {
    return { n: session.increment('n') };
  }

  @Get('file')
  file(@CurrentSession() session: AnySession) {
    session.increment('n');
    return new StreamableFile(Buffer.from(html('file')), { type: 'text/html', length: html('file').length });
  }

  @Get('raw')
  raw(@CurrentSession() session: AnySession, @Res() reply: RawReply) {
    session.increment('n');
    reply.hijack?.();
    const raw = reply.raw ?? reply;
    raw.setHeader('content-type', 'text/html');
    raw.setHeader('etag', '"1"');
    raw.setHeader('CDN-Cache-Control', 'max-age=600');
    raw.setHeader('X-Accel-Expires', '600');
    raw.setHeader('Referrer-Policy', 'unsafe-url');
    const text = Buffer.from(html('raw'));
    for (let at = 0; at < text.length; at += 7) raw.write(text.subarray(at, at + 7));
    raw.end();
  }

  @Get('links')
  @Header('content-type', 'text/html; charset=utf-8')
  links(@CurrentSession() session: AnySession) {
    session.increment('n');
    return '<a href="https://shop.example/a">a</a><a href="//evil.example/b">b</a><a href="c">c</a>';
  }

  @Get('json')
  json(@CurrentSession() session: AnySession) {
    return { link: '<a href="/count">', n: session.increment('n') };
  }

  @Get('gzip')
  gzip(@CurrentSession() session: AnySession, @Res() reply: RawReply) {
    session.increment('n');
    reply.hijack?.();
    const head = { 'content-type': 'text/html', 'content-encoding': 'gzip' };
    (reply.raw ?? reply).writeHead(200, head).end(gzipSync(html('zip')));
  }

  @Get('missing')
  @Header('content-type', 'text/html; charset=utf-8')
  @HttpCode(404)
  missing(@CurrentSession() session: AnySession) {
    session.increment('n');
    return html('missing');
  }

  @Get('thrown')
  thrown(@CurrentSession() session: AnySession) {
    session.increment('n');
    throw new NotFoundException('<a href="/count">');
  }

  @Get('away')
  @Redirect('/count')
  away(@CurrentSession() session: AnySession) {
    session.increment('n');
  }

  @Post('login')
  @HttpCode(200)
  @Header('content-type', 'text/html; charset=utf-8')
  async login(@CurrentSession() session: AnySession, @Body() body: object) {
    await session.login('ada');
    return html(`<i>ada</i><u>${Object.keys(body).join()}</u>`);
  }

  @Get('logout')
  @Header('content-type', 'text/html; charset=utf-8')
  async logout(@CurrentSession() session: AnySession) {
    await session.logout();
    return html('<i>bye</i>');
  }

  @Get('seen')
  seen(@Req() request: Seen & { raw?: Seen }, @Query() query: object) {
    const { url, originalUrl } = request;
    const raw = request.raw ?? request;
    return { all: [url, originalUrl, raw.url, raw.originalUrl, query, request.query, request.headers] };
  }
}

interface Start {
  readonly id?: IdOptions;
  readonly options?: Partial<SessionCryptoOptions>;
  readonly trustProxy?: boolean;
  readonly use?: unknown;
  readonly more?: readonly DynamicModule[];
}

const SOURCES = ['cookie', 'query', 'body'] as const;

async function start(adapter: AdapterName, { id, options, trustProxy, use, more = [] }: Start = {}) {
  const app = await startApp({
    adapter,
    trustProxy,
    session: { store: memoryStore(), id: { sources: SOURCES, transSid: true, ...id }, ...options },
    imports: [...more],
    controllers: [PageController],
    prepare(nest) {
      if (adapter === 'express') withExpressViews(nest);
      else withFastifyViews(nest);
      if (use) nest.use(use);
    },
  });
  return new Browser(app);
}

const pageOf = ({ n }: { n?: number }) => html(`<b>${n}</b>`);

function withExpressViews(app: INestApplication): void {
  const express = app.getHttpAdapter().getInstance() as {
    engine(name: string, render: (path: string, data: { n: number }, done: Done) => void): void;
    set(name: string, value: unknown): void;
  };
  express.engine('ts', (_path, data, done) => done(null, pageOf(data)));
  express.set('view engine', 'ts');
  express.set('view', StandIn);
}

type Done = (error: null, text: string) => void;

/** A view of Express that needs no file. */
class StandIn {
  readonly path = 'page';

  render(data: { n: number }, done: Done): void {
    done(null, pageOf(data));
  }
}

function withFastifyViews(app: INestApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as {
    decorateReply(
      name: string,
      view: (this: FastifyPage, name: string, data: { n: number }) => unknown,
    ): void;
  };
  fastify.decorateReply('view', function (_name, data) {
    return this.type('text/html; charset=utf-8').send(pageOf(data));
  });
}

interface FastifyPage {
  type(name: string): FastifyPage;
  send(text: string): unknown;
}

/** A browser that takes no cookies: it follows links, and says where it comes from. */
class Browser {
  headers: Record<string, string> = {};
  page = '';

  constructor(readonly app: TestApp) {}

  async get(path: string, { headers, ...question }: Question = {}): Promise<Answer> {
    const said = { accept: 'text/html', 'sec-fetch-site': 'same-origin', ...this.headers, ...headers };
    const answer = await this.app.ask(path, { ...question, headers: said });
    this.page = answer.text;
    return answer;
  }

  /** The address of a link of the page, as HTML means it. */
  link(start: string): string {
    const found = [...this.page.matchAll(/href="([^"]*)"/g)].find(([, href]) => href!.startsWith(start));
    return found![1]!.replaceAll('&amp;', '&');
  }

  /** Asks for a link of the page, without its fragment. */
  async follow(start: string) {
    return this.get(this.link(start).split('#')[0]!);
  }

  /** Sends the form of the page. */
  async submit() {
    const fields = [...this.page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)" \/>/g)];
    const form = new URLSearchParams({ a: '1' });
    for (const [, name, value] of fields) form.append(name!, value!);
    return this.get('/login', { method: 'POST', form });
  }

  get token(): string | undefined {
    return /sid=([\w-]{20,})/.exec(this.page)?.[1];
  }

  text(tag: string): string | undefined {
    return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(this.page)?.[1];
  }
}

describe.each(ADAPTER_NAMES)('pages on %s', (adapter) => {
  it('lead a visitor without cookies through login and logout', async () => {
    const browser = await start(adapter);
    await browser.get('/count');
    await browser.follow('/count?x=1&');
    await browser.follow('/count');
    expect([browser.text('b'), browser.text('i')]).toEqual(['3', 'nobody']);
    const anonymous = browser.token;
    await browser.submit();
    expect([browser.text('i'), browser.text('u')]).toEqual(['ada', 'a']);
    expect(browser.token).not.toBe(anonymous);
    await browser.follow('/count');
    expect([browser.text('b'), browser.text('i')]).toEqual(['4', 'ada']);
    const ended = browser.link('/count');
    await browser.get(ended.replace('/count', '/logout'));
    expect([browser.text('i'), browser.token]).toEqual(['bye', undefined]);
    await browser.get(ended);
    expect(browser.text('i')).toBe('nobody');
  });

  it('adopt no id that a stranger made', async () => {
    const browser = await start(adapter);
    const planted = 'A'.repeat(80);
    await browser.get(`/count?sid=${planted}`);
    expect(browser.text('b')).toBe('1');
    expect(browser.token).not.toBe(planted);
  });

  it('take no id that another site links to', async () => {
    const browser = await start(adapter);
    await browser.get('/count');
    const link = browser.link('/count');
    await browser.get(link, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(browser.text('b')).toBe('1');
  });

  it('say nothing of the id to caches and other sites', async () => {
    const browser = await start(adapter);
    const { headers } = await browser.get('/count');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['vary']).toMatch(/Cookie/);
    expect(headers['etag']).toBeUndefined();
    expect(headers['content-length']).toBeUndefined();
  });

  it.each(['/view', '/file', '/raw', '/missing'])('of %s carry the id', async (path) => {
    const browser = await start(adapter);
    const response = await browser.get(path);
    const token = browser.token;
    const field = `<input type="hidden" name="sid" value="${token}" />`;
    expect(token).toBeDefined();
    expect(
      browser.page.replaceAll(field, '').replaceAll(new RegExp(`(\\?|&amp;)sid=${token}`, 'g'), ''),
    ).toBe(path === '/view' ? html('<b>1</b>') : html(path.slice(1)));
    expect(browser.page.split(token!)).toHaveLength(4);
    expect(response.headers['etag']).toBeUndefined();
  });

  it('carry the id on where their handlers ask for no session', async () => {
    const browser = await start(adapter);
    await browser.get('/static');
    expect(browser.token).toBeUndefined();
    await browser.get('/count');
    const link = browser.link('/count').replace('/count', '/static');
    await browser.get(link);
    await browser.follow('/count');
    expect(browser.text('b')).toBe('2');
  });

  it('carry the id on where it is only read', async () => {
    const browser = await start(adapter);
    await browser.get('/count');
    await browser.get(browser.link('/count').replace('/count', '/look'));
    await browser.follow('/count');
    expect(browser.text('b')).toBe('2');
  });

  it('answer with the whole page, whatever a browser has kept', async () => {
    const browser = await start(adapter);
    const before = await browser.get('/static');
    const headers = { 'if-none-match': before.headers.etag ?? '*' };
    expect((await browser.get('/static', { headers })).status).toBe(200);
  });

  it('are kept by no cache and told to no other site, whatever their handler says', async () => {
    const { headers } = await (await start(adapter)).get('/raw');
    const names = ['referrer-policy', 'cache-control', 'cdn-cache-control', 'x-accel-expires'];
    expect(names.map((name) => headers[name])).toEqual(['same-origin', 'no-store', undefined, undefined]);
  });

  it('have the same head without their body', async () => {
    const browser = await start(adapter);
    const { status, headers } = await browser.get('/count', { method: 'HEAD' });
    expect([status, headers['referrer-policy'], headers['content-length']]).toEqual([
      200,
      'same-origin',
      undefined,
    ]);
  });

  it('are left alone where the visitor brings our cookie', async () => {
    const browser = await start(adapter);
    const answer = await browser.get('/count');
    browser.headers = { cookie: cookieOf(answer) };
    const next = await browser.follow('/count');
    expect([browser.text('b'), browser.token]).toEqual(['2', undefined]);
    expect(next.headers['referrer-policy']).toBeUndefined();
  });

  it('are left alone where the visitor brings the cookie of another session of ours', async () => {
    const basket = SessionCryptoModule.forRoot({
      name: 'basket',
      crypto: { secrets: [SECRET] },
      store: memoryStore(),
      cookie: { name: 'basket' },
      id: { sources: SOURCES, transSid: true },
    });
    const browser = await start(adapter, { more: [basket] });
    const answer = await browser.get('/count');
    await browser.get('/basket');
    expect(browser.page).toContain('?basket=');
    await browser.get('/basket', { headers: { cookie: cookieOf(answer) } });
    expect(browser.text('b')).toBe('1');
    expect(browser.page).not.toContain('basket=');
  });

  it.each(['/json', '/thrown'])('are no JSON: %s stays as it is', async (path) => {
    const browser = await start(adapter);
    await browser.get(path);
    expect(browser.page).toContain('<a href=');
    expect(browser.token).toBeUndefined();
  });

  it('that are compressed stay as they are', async () => {
    const browser = await start(adapter);
    const { bytes } = await browser.get('/gzip');
    expect(gunzipSync(bytes).toString()).toBe(html('zip'));
  });

  it('are no redirects: those keep their address', async () => {
    const browser = await start(adapter);
    expect((await browser.get('/away')).headers['location']).toBe('/count');
  });

  it('and handlers never see the id in an address', async () => {
    const browser = await start(adapter);
    await browser.get('/count');
    const token = browser.token!;
    const headers = { referer: `${browser.app.url}/count?sid=${token}&x=1` };
    await browser.get(`/seen?a=1&sid=${token}&b=2`, { headers });
    expect(browser.page).not.toContain(token);
    expect(browser.page).toContain('/seen?a=1&b=2');
    expect(browser.page).toContain('/count?x=1');
    await browser.get(`/nowhere?sid=${token}`, { headers });
    expect(browser.page).toContain('/nowhere');
    expect(browser.page).not.toContain(token);
  });

  it('have ids without any cookie, where only links and forms bring them', async () => {
    const browser = await start(adapter, { id: { sources: ['query', 'body'] } });
    const { headers, cookies } = await browser.get('/count');
    expect(cookies).toEqual([]);
    expect(headers['x-session-id']).toBeUndefined();
    await browser.follow('/count');
    await browser.submit();
    expect(browser.text('i')).toBe('ada');
  });

  it.each([
    ['a proxy that is trusted', { trustProxy: true }, ['a', 'c']],
    ['no proxy that nobody trusts', {}, ['c']],
    ['its configuration', { id: { transSid: { origin: 'https://shop.example' } } }, ['a', 'c']],
    ['the list of hosts alone', { id: { transSid: { hosts: ['evil.example'] } } }, ['b', 'c']],
  ])('know their own host by %s', async (_how, setup: Start, expected) => {
    const browser = await start(adapter, { options: { cookie: { secure: false } }, ...setup });
    const headers = {
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'https',
    };
    await browser.get('/links', { headers });
    const withId = [...browser.page.matchAll(/sid=[\w-]+">(\w)</g)].map(([, name]) => name);
    expect(withId).toEqual(expected);
  });

  it('and requests leave no id in our events', async () => {
    const browser = await start(adapter);
    await browser.get('/count');
    const [link, token] = [browser.link('/count'), browser.token!];
    await browser.submit();
    await browser.get(link);
    await browser.get('/count?sid=planted-by-a-stranger-somewhere');
    expect(browser.app.events.length).toBeGreaterThanOrEqual(3);
    for (const id of [token, browser.token!, 'planted'])
      expect(inspect(browser.app.events, { depth: 9 })).not.toContain(id);
  });
});

it.each(ADAPTER_NAMES)(
  'pages with ids are not compressed by app.use(), and others are, on %s',
  async (adapter) => {
    const browser = await start(adapter, { use: gzip });
    const zipped = { 'accept-encoding': 'gzip' };
    const first = await browser.get('/raw', { headers: zipped });
    expect(first.headers['content-encoding']).toBeUndefined();
    expect(browser.page.split(browser.token!)).toHaveLength(4);
    const { headers, bytes } = await browser.get('/raw', { headers: { ...zipped, cookie: cookieOf(first) } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(bytes).toString()).not.toContain('sid=');
  },
);

it('a log that is written at the end has no id on Express, though it stands before us', async () => {
  const lines: string[] = [];
  const browser = await start('express', {
    use: (request: { originalUrl: string }, response: ServerResponse, next: () => void) => {
      response.on('finish', () => lines.push(request.originalUrl));
      next();
    },
  });
  await browser.get('/count');
  await browser.follow('/count?x=1');
  expect(lines).toEqual(['/count', '/count?x=1']);
});

/** A middleware that compresses, as far as a response goes by it. */
function gzip(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (!request.headers['accept-encoding']?.includes('gzip')) return next();
  const { end } = response;
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown) =>
    typeof chunk !== 'function' && chunk && chunks.push(Buffer.from(chunk as Buffer));
  response.write = ((chunk: unknown) => (keep(chunk), true)) as never;
  response.end = ((chunk: unknown) => {
    keep(chunk);
    response.setHeader('content-encoding', 'gzip');
    response.removeHeader('content-length');
    return end.call(response, gzipSync(Buffer.concat(chunks)), 'utf8');
  }) as never;
  next();
}

it.each([
  [{ transSid: true }, memoryStore(), 'id.transSid'],
  [{ sources: SOURCES, transSid: true }, cookieStore(), 'id.transSid'],
  [{ sources: SOURCES, transSid: { origin: 'shop.example' } }, memoryStore(), 'id.transSid.origin'],
  [{ sources: SOURCES, transSid: { hosts: ['https://a.example'] } }, memoryStore(), 'id.transSid.hosts[0]'],
  [{ sources: SOURCES, transSid: { tags: { 'a b': 'href' } } }, memoryStore(), 'id.transSid.tags.a b'],
  [{ sources: SOURCES, transSid: { tags: { img: 'srcset' } } }, memoryStore(), 'id.transSid.tags.img'],
  [{ sources: SOURCES, transSid: { tags: { meta: 'Content' } } }, memoryStore(), 'id.transSid.tags.meta'],
  [{ sources: SOURCES, transSid: { tag: {} } }, memoryStore(), 'id.transSid.tag'],
])('options %j are a fault at the start', async (id, store, path) => {
  const begin = start('express', { options: { id: id as IdOptions, store } });
  await expect(begin).rejects.toThrow(SessionConfigError);
  await expect(begin).rejects.toMatchObject({
    faults: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
  });
});
