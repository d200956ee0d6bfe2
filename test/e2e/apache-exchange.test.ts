import { Controller, Get, Header, Req, Res, StreamableFile, BadRequestException } from '@nestjs/common';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { CurrentSession, type Session } from 'nestjs-session-crypto';
import { apache, ApacheEnvelope, type ApacheOptions } from 'nestjs-session-crypto/apache';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { startApp, TestApp } from '../support/test-app.js';

const SECRET = 'a passphrase that is long enough';
const httpd = new ApacheEnvelope({ secrets: [SECRET] });
const TOLD = 'X-Replace-Session';

type Platform = { raw?: unknown; header?: (name: string, value: string) => unknown };
const rawOf = (response: Platform) => (response.raw ?? response) as ServerResponse;
const rawRequest = (incoming: { raw?: unknown }) => (incoming.raw ?? incoming) as IncomingMessage;

@Controller()
class Backend {
  @Get('set')
  set(@Res({ passthrough: true }) response: Platform) {
    response.header!(TOLD, 'a=1&b=gr%c3%bc%c3%9fe');
    return {};
  }
  @Get('decorated')
  @Header('x-replace-session', 'a=1&b=gr%c3%bc%c3%9fe')
  decorated() {
    return {};
  }
  @Get('stream')
  stream(@Res({ passthrough: true }) response: Platform) {
    response.header!(TOLD, 'a=1&b=gr%c3%bc%c3%9fe');
    return new StreamableFile(Readable.from([Buffer.from('one'), Buffer.from('two')]));
  }
  @Get('error')
  error(@Res({ passthrough: true }) response: Platform) {
    response.header!(TOLD, 'a=1&b=gr%c3%bc%c3%9fe');
    throw new BadRequestException();
  }
  @Get('object')
  object(@Res() response: Platform) {
    rawOf(response).writeHead(200, { 'X-Replace-Session': 'a=1&b=gr%c3%bc%c3%9fe', 'x-other': 'o' }).end('x');
  }
  @Get('flat')
  flat(@Res() response: Platform) {
    rawOf(response).writeHead(200, ['X-Replace-Session', 'a=1&b=gr%c3%bc%c3%9fe', 'x-other', 'o']).end('x');
  }
  @Get('pairs')
  pairs(@Res() response: Platform) {
    rawOf(response)
      .writeHead(200, [
        ['X-Replace-Session', 'a=1&b=gr%c3%bc%c3%9fe'],
        ['x-other', 'o'],
      ] as never)
      .end('x');
  }
  @Get('unchanged')
  unchanged(@Res() response: Platform) {
    rawOf(response)
      .writeHead(304, { [TOLD]: 'a=1&b=gr%c3%bc%c3%9fe' })
      .end();
  }
  @Get('twice')
  twice(@Res() response: Platform) {
    rawOf(response)
      .writeHead(200, { [TOLD]: ['a=1&b=gr%c3%bc%c3%9fe', 'a=2&c=3'] })
      .end('x');
  }
  @Get('merge')
  merge(@Res({ passthrough: true }) response: Platform) {
    response.header!(TOLD, 'a=&B=x&_nsc=x&c=%zz&d=%00&__proto__=p');
    return {};
  }
  @Get('empty')
  empty(@Res({ passthrough: true }) response: Platform) {
    response.header!(TOLD, '');
    return {};
  }
  @Get('destroyed')
  async destroyed(@Res({ passthrough: true }) response: Platform, @CurrentSession() session: Session) {
    response.header!(TOLD, 'a=2');
    await session.destroy();
    return {};
  }
  @Get('all')
  all(@CurrentSession() session: Session) {
    return session.all();
  }
  @Get('seen')
  seen(@Req() incoming: { raw?: unknown }) {
    const { headers, rawHeaders } = rawRequest(incoming);
    return { session: headers['session'] ?? null, cookie: headers.cookie ?? null, raw: rawHeaders.join('|') };
  }
  @Get('seen-and-read')
  seenAndRead(@Req() incoming: { raw?: unknown }, @CurrentSession() session: Session) {
    return { cookie: rawRequest(incoming).headers.cookie ?? null, all: session.all() };
  }
}

describe.each(ADAPTER_NAMES)('on %s, what a backend', (adapter) => {
  let app: TestApp;
  const start = async (format: Partial<ApacheOptions>) => {
    const crypto = { format: apache({ secrets: [SECRET], ...format }) };
    app = await startApp({
      adapter,
      session: { crypto, cookie: { name: 'session' } },
      controllers: [Backend],
    });
  };
  /** The response, and the session text that its cookie holds without what is ours alone. */
  const send = async (path: string, headers: OutgoingHttpHeaders = {}) => {
    const answer = await app.ask(path, { headers });
    const cookie = /^session=([^;]*)/.exec(answer.cookies[0] ?? '')?.[1];
    const opened = cookie ? await httpd.open(cookie) : undefined;
    return { ...answer, sessionText: opened?.plaintext.toString().replace(/&?(?:_nsc|expiry)=[^&]*/g, '') };
  };

  it.each<[string, number]>([
    ['set', 200],
    ['decorated', 200],
    ['stream', 200],
    ['error', 400],
    ['object', 200],
    ['flat', 200],
    ['pairs', 200],
    ['unchanged', 304],
    ['twice', 200],
  ])('says in a header is merged and not sent on: %s', async (path, status) => {
    await start({ header: TOLD });
    const answer = await send(`/${path}`);
    expect([answer.status, answer.sessionText]).toEqual([status, 'a=1&b=gr%c3%bc%c3%9fe']);
    expect(answer.headers).not.toHaveProperty(TOLD.toLowerCase());
    expect(answer.headers['set-cookie']).toHaveLength(1);
    if (['object', 'flat', 'pairs'].includes(path)) expect(answer.headers['x-other']).toBe('o');
  });

  it('says is read by the rules of session text', async () => {
    await start({ header: TOLD });
    const cookie = `session=${await httpd.seal('a=1&b=2&z=9')}`;
    expect((await send('/merge', { cookie })).sessionText).toBe('b=x&z=9&__proto__=p');
    expect((await send('/empty', { cookie })).headers['set-cookie']).toBeUndefined();
  });

  it('says is sent on where no header was named', async () => {
    await start({});
    const answer = await send('/set');
    expect(answer.headers).toHaveProperty(TOLD.toLowerCase());
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('says of a session that its handler has destroyed keeps it from nothing', async () => {
    await start({ header: TOLD });
    const cookie = `session=${await httpd.seal('a=1')}`;
    const { status, headers } = await send('/destroyed', { cookie });
    expect([status, headers['set-cookie']]).toEqual([200, [expect.stringMatching(/^session=; Max-Age=0/)]]);
  });

  it('is told is the text, without what is ours alone', async () => {
    await start({ env: true });
    const cookie = `session=${await httpd.seal('a=1&b=%ff+x&_nsc=abc&expiry=4000000000000000')}`;
    const { session, raw } = (await send('/seen', { cookie, Session: 'root=1' })).body as Record<
      string,
      string
    >;
    expect(session).toBe('a=1&b=%ff+x&expiry=4000000000000000');
    expect(raw!.match(/session\|[^|]*/gi)).toEqual([`session|${session}`]);
    expect((await send('/seen')).body).toMatchObject({ session: '' });
    expect((await send('/seen', { cookie: 'session=garbage' })).body).toMatchObject({
      session: '',
    });
  });

  it.each([true, false])('never sees is a header of the visitor, env: %s', async (env) => {
    await start({ env });
    for (const name of ['Session', 'session', 'SESSION']) {
      const { text } = await send('/seen', { [name]: ['root=1', 'root=2'] });
      expect(text).not.toContain('root');
    }
  });

  it('does not see is our cookie, where that is asked for; the session works', async () => {
    await start({ cookieRemove: true });
    const cookie = `a=1;session=${await httpd.seal('k=v')}; b="x y"; sessionx=2;Session=3`;
    expect((await send('/seen-and-read', { cookie })).body).toEqual({
      cookie: 'a=1; b="x y"; sessionx=2;Session=3',
      all: { k: 'v' },
    });
    const { body, text } = await send('/seen', { cookie: `session=${await httpd.seal('k=v')}` });
    expect(body).toMatchObject({ cookie: null });
    expect(text.toLowerCase()).not.toContain('cookie|');
  });
});
