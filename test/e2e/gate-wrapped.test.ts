import { Controller, Get, Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createGzip, gunzipSync, type Gzip } from 'node:zlib';
import { CurrentSession, Session, SessionCryptoModule } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { SessionStoreError } from '../../lib/errors/session-store.error.js';
import { ResponseGate, type HeadOwner } from '../../lib/http/gate/response-gate.js';
import { Routes } from './support/gate-routes.js';
import { watchHeads } from './support/heads.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { ask, cookieOf } from '../support/ask.js';
import { SECRET, startApp } from '../support/test-app.js';

type Chunk = string | Uint8Array;
type Patched = Pick<ServerResponse, 'headersSent' | 'removeHeader' | 'setHeader'> & {
  on(event: string, listener: (...args: never[]) => void): unknown;
  writeHead(...args: unknown[]): unknown;
  write(chunk: Chunk): boolean;
  end(chunk?: Chunk): unknown;
  statusCode: number;
};

/** Compresses whatever is sent, by patching the response as `compression` does. */
function compress(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const patched = response as unknown as Patched;
  const { writeHead, write, end, on } = patched;
  let gzip: Gzip | undefined;
  const begin = (): Gzip => {
    if (gzip) return gzip;
    gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => void (write.call(patched, chunk) || gzip!.pause()));
    gzip.on('end', () => end.call(patched));
    on.call(patched, 'drain', () => gzip!.resume());
    return gzip;
  };
  patched.on = (event: string, listener: (...args: never[]) => void) => {
    if (event === 'drain') begin().on('drain', listener as () => void);
    else on.call(patched, event, listener as () => void);
    return patched;
  };
  patched.writeHead = (...args) => {
    patched.removeHeader('content-length');
    patched.setHeader('content-encoding', 'gzip');
    const described = args.map((arg) => (typeof arg === 'object' ? withoutLength(arg as object) : arg));
    return writeHead.apply(patched, described);
  };
  const sendHead = () => void (patched.headersSent || patched.writeHead(patched.statusCode));
  patched.write = (chunk) => {
    sendHead();
    return begin().write(chunk);
  };
  patched.end = (chunk) => {
    sendHead();
    begin().end(chunk);
    return patched;
  };
  next();
}

const withoutLength = (headers: object) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length'));

@Module({})
class Compression implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(compress).forRoutes('{*splat}');
  }
}

const launchCompressed = (adapter: AdapterName, store: RecordingStore) =>
  startApp({
    adapter,
    session: { store },
    imports: [Compression],
    controllers: [Routes],
    prepare: (nest) => watchHeads(nest, () => store.note('head')),
  });

describe.each(ADAPTER_NAMES)('middleware that compresses, applied after ours, on %s', (adapter) => {
  it.each([
    { path: '/send', body: '{"secret":"sent"}' },
    { path: '/raw', body: 'secret end' },
    { path: '/file', body: 'a'.repeat(800_000) },
    { path: '/untouched', body: '{"ok":true}' },
  ])('sends $path whole', async ({ path, body }) => {
    const store = new RecordingStore();
    const app = await launchCompressed(adapter, store);
    const answer = await app.ask(path);
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.bytes).equals(Buffer.from(body))).toBe(true);
    expect(store.log).toEqual(path === '/untouched' ? ['head'] : ['save', 'saved', 'head']);
  });

  it('does not stain the error that is sent when storing fails', async () => {
    const store = new RecordingStore();
    store.failing = true;
    const app = await launchCompressed(adapter, store);
    const answer = await app.ask('/send');
    expect(answer.status).toBe(503);
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.body).toEqual({ statusCode: 503, message: 'Service Unavailable' });
  });
});

it.each(['/send', '/raw', '/untouched'])(
  "runs the methods that the application has put on Express's own response, for %s",
  async (path) => {
    const store = new RecordingStore();
    const seen: string[] = [];
    const app = await startApp({
      session: { store },
      controllers: [Routes],
      prepare: (nest) => {
        const { response } = nest.getHttpAdapter().getInstance() as { response: Patched };
        const { end } = response;
        response.end = function (...args) {
          seen.push('end');
          return end.apply(this, args);
        };
      },
    });
    await app.ask(path);
    expect(seen).toEqual(['end']);
    expect(store.log).toEqual(path === '/untouched' ? [] : ['save', 'saved']);
  },
);

describe('Fastify inject()', () => {
  it('stores before the head, and sends the cookie', async () => {
    const store = new RecordingStore();
    const app = await startApp({
      adapter: 'fastify',
      session: { store },
      controllers: [Routes],
      prepare: (created) => watchHeads(created, () => store.note('head')),
    });
    const nest = app.app as NestFastifyApplication;
    const first = await nest.inject({ method: 'POST', url: '/count', payload: {} });
    const cookie = String(first.headers['set-cookie']).split(';')[0]!;
    const second = await nest.inject({ method: 'POST', url: '/count', payload: {}, headers: { cookie } });
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(cookie).toMatch(/^sid=/);
    expect(second.json()).toMatchObject({ count: 2 });
  });
});

const ownerOf = (commit: () => Promise<void> | void): HeadOwner => ({
  commit,
  additions: () => ({ cookies: ['sid=value; Path=/'], defaults: { pragma: 'no-cache' }, vary: 'Cookie' }),
  onHeadSent() {},
});
const stored = async () => void (await setImmediate());
const failed = async () => {
  await setImmediate();
  throw new SessionStoreError('create', 'DOWN');
};
const LIMITS = { timeout: 1000, heldBody: 1000, heldBodyTotal: 100_000 };

describe('the gate without any framework', () => {
  it.each([
    { title: 'waits for what is stored', commit: stored, status: 201, body: 'whole', cookies: 1 },
    { title: 'passes what needs no waiting', commit: () => {}, status: 201, body: 'whole', cookies: 1 },
    {
      title: 'sends an error instead',
      commit: failed,
      status: 503,
      body: '{"statusCode":503,"message":"Service Unavailable"}',
      cookies: 0,
    },
  ])('$title on node:http and on HTTP/2', async ({ commit, status, body, cookies }) => {
    const answer = (response: ServerResponse) => {
      ResponseGate.install(response, ownerOf(commit), LIMITS);
      response.writeHead(201, { 'content-type': 'text/plain' });
      response.write('who');
      response.end('le');
    };
    const one = createServer((_request, response) => answer(response));
    const two = http2.createServer((_request, response) => answer(response as unknown as ServerResponse));
    const first = await ask(`http://127.0.0.1:${await listen(one)}`);
    const second = await askHttp2(await listen(two));
    one.close();
    two.close();
    expect([first.status, second.status]).toEqual([status, status]);
    expect([first.text, second.body]).toEqual([body, body]);
    expect([first.cookies.length, second.cookies]).toEqual([cookies, cookies]);
  });
});

/** Listens on a free port, and says on which. */
async function listen(server: Server | http2.Http2Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Asks over HTTP/2 without TLS. */
function askHttp2(port: number): Promise<{ status: number; body: string; cookies: number }> {
  return new Promise((resolve, reject) => {
    const client = http2.connect(`http://127.0.0.1:${port}`);
    client.on('error', reject);
    const stream = client.request({ ':path': '/' });
    let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    let body = '';
    stream.on('response', (headers) => (head = headers));
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    stream.on('error', reject);
    stream.on('end', () => {
      client.close();
      resolve({ status: Number(head[':status']), body, cookies: head['set-cookie']?.length ?? 0 });
    });
  });
}

const clock = { shift: 0 };

@Controller()
class Inside {
  /** Sends its head, lets time pass, and stores. */
  @Get('long')
  async *long(@CurrentSession() session: Session) {
    yield 'begun ';
    clock.shift += 1000;
    session.set('late', true);
    await session.save();
    yield 'saved';
  }

  @Get('look')
  look(@CurrentSession() session: Session) {
    session.set('seen', true);
    return { late: session.has('late') };
  }
}

it.each(ADAPTER_NAMES)(
  'a save after the head leaves the cookie valid, however old the session is, on %s',
  async (adapter) => {
    const app = await startApp({
      adapter,
      imports: [
        SessionCryptoModule.forRoot({
          crypto: { secrets: [SECRET] },
          store: new RecordingStore(() => new Date(Date.now() + clock.shift * 1000)),
        }),
      ],
      controllers: [Inside],
    });
    const cookie = cookieOf(await app.ask('/look'));
    const long = await app.ask('/long', { headers: { cookie } });
    clock.shift += 100;
    const after = await app.ask('/look', { headers: { cookie } });
    expect(long.cookies).toEqual([]);
    expect(long.body).toContain('saved');
    expect(after.body).toEqual({ late: true });
  },
);
