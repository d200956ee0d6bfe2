import { Controller, Get, Query, Res, type INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import http, { type Server, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { CurrentSession, Session } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ResponseGate } from '../../lib/http/gate/response-gate.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { linesOf } from '../support/ask.js';
import { startApp } from '../support/test-app.js';

type Any = ServerResponse & { writeHead(...args: unknown[]): unknown; readonly raw?: ServerResponse };

const OWN = { 'x-own': 'yes', 'set-cookie': 'own=1' };
const FLAT = ['X-Own', 'yes', 'Set-Cookie', 'own=1'];
const PAIRS = [
  ['x-own', 'yes'],
  ['set-cookie', 'own=1'],
];

/** Every way to send a head, with one header and one cookie of the application. */
const FORMS: Record<string, (response: Any) => unknown> = {
  object: (response) => response.writeHead(200, OWN),
  flat: (response) => response.writeHead(200, FLAT),
  pairs: (response) => response.writeHead(200, PAIRS),
  'status text, object': (response) => response.writeHead(200, 'Fine', OWN),
  'status text, flat': (response) => response.writeHead(200, 'Fine', FLAT),
  'undefined, object': (response) => response.writeHead(200, undefined, OWN),
  'undefined, flat': (response) => response.writeHead(200, undefined, FLAT),
  'undefined, pairs': (response) => response.writeHead(200, undefined, PAIRS),
  'null, object': (response) => response.writeHead(200, null, OWN),
  'object, undefined': (response) => response.writeHead(200, OWN, undefined),
  'object, object': (response) => response.writeHead(200, { 'x-lost': 'yes' }, OWN),
  'setHeader, status': (response) => {
    setAll(response);
    response.writeHead(200);
  },
  'setHeader, status, undefined': (response) => {
    setAll(response);
    response.writeHead(200, undefined);
  },
  'setHeader, writeHead with the cookie': (response) => {
    response.setHeader('x-own', 'yes');
    response.writeHead(200, undefined, { 'Set-Cookie': ['own=1'] });
  },
  setHeaders: (response) => response.setHeaders(new Headers(OWN)),
  appendHeader: (response) => {
    response.setHeader('x-own', 'yes');
    response.appendHeader('set-cookie', 'own=1');
  },
  flushHeaders: (response) => {
    setAll(response);
    response.flushHeaders();
  },
  'early hints before': (response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
    setAll(response);
  },
  'early hints after a held head': (response) => {
    response.writeHead(200, OWN);
    if (!(response as { _header?: unknown })._header && response.req.httpVersionMajor === 1)
      response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
  },
  implicit: setAll,
};

/** HTTP/2 responses of Node 20 have no `setHeaders`. */
const HTTP1_ONLY = new Set(['setHeaders']);

function setAll(response: Any): void {
  response.setHeader('x-own', 'yes');
  response.setHeader('set-cookie', 'own=1');
}

const BODIES: Record<string, (response: Any) => unknown> = {
  'write and end': (response) => {
    response.write('bo');
    response.end('dy');
  },
  'end alone': (response) => response.end('body'),
};

/** Patches `writeHead` as `on-headers` does, on which `compression` and others are built: what is passed becomes headers
 *  that are set, and only the status goes on. Without a status text, the headers must be the second argument. */
function patchAsOnHeaders(response: Any): void {
  const below = response.writeHead.bind(response) as Any['writeHead'];
  response.writeHead = ((status: unknown, ...rest: unknown[]) => {
    const at = typeof rest[0] === 'string' ? 1 : 0;
    const headers = rest[at] as object | undefined;
    response.statusCode = status as number;
    for (const [name, value] of entriesOf(headers)) response.setHeader(name, value);
    return below(status, ...rest.slice(0, at));
  }) as Any['writeHead'];
}

function entriesOf(headers: object | undefined): (readonly [string, string])[] {
  if (!headers || !Array.isArray(headers)) return Object.entries(headers ?? {}) as [string, string][];
  if (Array.isArray(headers[0])) return headers as [string, string][];
  const flat = headers as string[];
  return flat.flatMap((name, i) => (i % 2 ? [] : [[name, flat[i + 1]!] as const]));
}

const patchAll = (app: INestApplication) =>
  (app.getHttpServer() as Server).prependListener('request', (_request, response) =>
    patchAsOnHeaders(response as Any),
  );

@Controller()
class HeadsController {
  @Get('head')
  head(
    @CurrentSession() session: Session,
    @Query() { form, body, change }: Record<'form' | 'body' | 'change', string>,
    @Res() reply: Any & { hijack?(): void },
  ) {
    if (change) session.set('changed', true);
    reply.hijack?.();
    const response = (reply.raw ?? reply) as Any;
    FORMS[form]!(response);
    BODIES[body]!(response);
  }

  @Get('twice')
  twice(@CurrentSession() session: Session, @Res() reply: Any & { hijack?(): void }) {
    session.set('changed', true);
    reply.hijack?.();
    const response = (reply.raw ?? reply) as Any;
    sendTwice(response);
  }
}

/** The calls that come too late once a body has begun. */
const LATE: Record<string, (response: Any) => unknown> = {
  setHeader: (response) => response.setHeader('x-late', 'yes'),
  appendHeader: (response) => response.appendHeader('x-late', 'yes'),
  setHeaders: (response) => response.setHeaders(new Headers(OWN)),
  removeHeader: (response) => response.removeHeader('x-own'),
  writeHead: (response) => response.writeHead(201, OWN),
};

/** Answers with what each late call throws. */
function sendTwice(response: Any): void {
  response.write('first ');
  for (const [name, call] of Object.entries(LATE))
    try {
      call(response);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      response.write(`${name}: ${code} ${message}\n`);
    }
  response.end();
}

const FORM_NAMES = Object.keys(FORMS);
const TABLE = ADAPTER_NAMES.flatMap((adapter) =>
  ['plain', 'below on-headers'].map((writeHead) => ({ adapter, writeHead })),
);

describe.each(TABLE)('the head on $adapter, writeHead $writeHead', ({ adapter, writeHead }) => {
  const start = (store: RecordingStore) =>
    startApp({
      adapter,
      session: { store },
      controllers: [HeadsController],
      prepare: writeHead === 'plain' ? undefined : patchAll,
    });

  it.each(Object.keys(BODIES))(
    'has our cookie, our cache headers and all of the application in every form, with %s',
    async (body) => {
      const app = await start(new RecordingStore());
      for (const form of FORM_NAMES)
        for (const change of ['', 'yes']) {
          const answer = await app.ask(`/head?${String(new URLSearchParams({ form, body, change }))}`);
          const found = {
            form,
            change,
            status: answer.status,
            text: answer.text,
            own: answer.headers['x-own'],
            owns: linesOf(answer, 'own'),
            ours: linesOf(answer).length,
            cache: answer.headers['cache-control'],
          };
          expect(found).toEqual({
            form,
            change,
            status: 200,
            text: 'body',
            own: 'yes',
            owns: ['own=1'],
            ours: change ? 1 : 0,
            cache: 'no-store',
          });
        }
    },
  );

  it('refuses what comes after a write that is held in the words of Node', async () => {
    const plain = http.createServer((_, response) => sendTwice(response as unknown as Any));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const { port } = plain.address() as AddressInfo;
    const expected = await (await fetch(`http://127.0.0.1:${port}`)).text();
    plain.close();
    const app = await start(new RecordingStore());
    const answer = await app.ask('/twice');
    expect(answer.text).toBe(expected);
    expect(expected.match(/ERR_HTTP_HEADERS_SENT/g)).toHaveLength(Object.keys(LATE).length);
    expect(linesOf(answer)).toHaveLength(1);
  });
});

it('has all of it in every form from a Fastify application that speaks HTTP/2', async () => {
  const app = await startApp({
    adapter: new FastifyAdapter({ http2: true } as never),
    session: { store: new RecordingStore(), cookie: { secure: false } },
    controllers: [HeadsController],
  });
  for (const form of FORM_NAMES.filter((one) => !HTTP1_ONLY.has(one))) {
    const query = String(new URLSearchParams({ form, body: 'end alone', change: 'yes' }));
    const { head, body } = await askHttp2(app.port, `/head?${query}`);
    const [own, ours, ...more] = head['set-cookie'] ?? [];
    expect({ form, body, own, ours, more, 'x-own': head['x-own'] }).toEqual({
      form,
      body: 'body',
      own: 'own=1',
      ours: expect.stringMatching(/^sid=/) as string,
      more: [],
      'x-own': 'yes',
    });
    expect(head['cache-control']).toBe('no-store');
  }
});

describe.each(['at once', 'later'])('the head on HTTP/2, stored %s', (when) => {
  it.each(FORM_NAMES.filter((form) => !HTTP1_ONLY.has(form)))('has all of it: %s', async (form) => {
    const server = http2.createServer((_request, raw) => {
      const response = raw as unknown as Any;
      ResponseGate.install(
        response,
        {
          commit: () => (when === 'later' ? setImmediate() : undefined),
          additions: () => ({
            cookies: ['sid=value'],
            defaults: { 'cache-control': 'no-store' },
            vary: 'Cookie',
          }),
          onHeadSent() {},
        },
        { timeout: 5000, heldBody: 1000, heldBodyTotal: 1_000_000 },
      );
      FORMS[form]!(response);
      response.end('body');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { head, body } = await askHttp2((server.address() as AddressInfo).port, '/');
    server.close();
    expect(body).toBe('body');
    expect(head).toMatchObject({ 'x-own': 'yes', 'cache-control': 'no-store', vary: 'Cookie' });
    expect(head['set-cookie']).toEqual(['own=1', 'sid=value']);
  });
});

/** Asks over HTTP/2 without TLS. */
async function askHttp2(
  port: number,
  path: string,
): Promise<{ head: http2.IncomingHttpHeaders; body: string }> {
  const client = http2.connect(`http://127.0.0.1:${port}`);
  const stream = client.request({ ':path': path });
  const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  const pieces: Buffer[] = await stream.toArray();
  client.close();
  return { head, body: Buffer.concat(pieces).toString() };
}
