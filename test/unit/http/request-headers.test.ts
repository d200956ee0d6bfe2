import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropHeader, putHeader, withoutCookies } from '../../../lib/http/request-headers.js';

let server: Server;
beforeAll(async () => {
  server = createServer({ requireHostHeader: false }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

/** Returns a request as Node's parser makes it, of names and values in turn. */
async function requestWith(...raw: string[]): Promise<IncomingMessage> {
  const lines = Array.from({ length: raw.length / 2 }, (_, i) => `${raw[2 * i]!}: ${raw[2 * i + 1]!}\r\n`);
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  response.end();
  socket.resume();
  return request;
}

describe('dropHeader', () => {
  it('removes every spelling, raw and parsed, and no other header', async () => {
    const request = await requestWith('Session', 'a', 'X-Session', 'kept', 'SESSION', 'b', 'sessioN', '');
    dropHeader(request, 'session');
    expect(request.rawHeaders).toEqual(['X-Session', 'kept']);
    expect(request.headers).toEqual({ 'x-session': 'kept' });
    expect(request.headersDistinct).toEqual({ 'x-session': ['kept'] });
  });

  it('removes a header that was read before from `headersDistinct`', async () => {
    const request = await requestWith('Session', 'forged', 'Accept', 'x');
    expect(request.headersDistinct['session']).toEqual(['forged']);
    dropHeader(request, 'session');
    expect(request.headersDistinct).toEqual({ accept: ['x'] });
  });

  it('removes an empty header', async () => {
    const request = await requestWith('Session', '');
    dropHeader(request, 'session');
    expect([request.rawHeaders, request.headers]).toEqual([[], {}]);
  });

  it('keeps a value that equals the name', async () => {
    const request = await requestWith('x-a', 'session', 'session', 'x-a');
    dropHeader(request, 'session');
    expect(request.rawHeaders).toEqual(['x-a', 'session']);
  });

  it('does nothing if the header is not there', async () => {
    const request = await requestWith('Accept', 'x');
    dropHeader(request, 'session');
    expect(request.rawHeaders).toEqual(['Accept', 'x']);
  });

  it('works without `headersDistinct`, which HTTP/2 does not have', () => {
    const request = { headers: { session: 'a' } as Record<string, string>, rawHeaders: ['session', 'a'] };
    dropHeader(request as never, 'session');
    putHeader(request as never, 'session', 'b');
    expect(request).toEqual({ headers: { session: 'b' }, rawHeaders: ['session', 'b'] });
  });
});

describe('putHeader', () => {
  it.each([true, false])('replaces all headers of the name; read before: %s', async (readBefore) => {
    const request = await requestWith('Session', 'forged', 'Accept', 'x', 'session', 'forged too');
    if (readBefore) expect(request.headersDistinct['session']).toHaveLength(2);
    putHeader(request, 'session', 'true');
    expect(request.rawHeaders).toEqual(['Accept', 'x', 'session', 'true']);
    expect(request.headers).toEqual({ accept: 'x', session: 'true' });
    expect(request.headersDistinct).toEqual({ accept: ['x'], session: ['true'] });
  });

  it('sets an empty value too, so that a forged one is gone', async () => {
    const request = await requestWith('Session', 'forged');
    putHeader(request, 'session', '');
    expect(request.headers).toEqual({ session: '' });
  });
});

describe('withoutCookies', () => {
  it.each<[string, string[], string | undefined]>([
    ['sid=1', ['sid'], undefined],
    ['sid=1; a=2', ['sid'], 'a=2'],
    ['a=2; sid=1', ['sid'], 'a=2'],
    ['a=1; sid=1; b=2; sid=3', ['sid'], 'a=1; b=2'],
    ['sid=1; admin=2; a=3', ['sid', 'admin'], 'a=3'],
    ['SID=1; sid2=2; xsid=3', ['sid'], 'SID=1; sid2=2; xsid=3'],
    ['a=sid=1', ['sid'], 'a=sid=1'],
    ['\t sid\t=1;a="b c"', ['sid'], 'a="b c"'],
    ['sid==;a=b=c==', ['sid'], 'a=b=c=='],
    ['\u00a0sid=1; a=2', ['sid'], '\u00a0sid=1; a=2'],
    ['a=2; \u00a0', ['sid'], 'a=2; \u00a0'],
    ['a=1;;b=2', ['sid'], 'a=1;;b=2'],
    ['', ['sid'], undefined],
    [' ; ', ['sid'], ';'],
    ['a=1', [], 'a=1'],
  ])('makes of %j without %j %j', (header, names, left) => {
    expect(withoutCookies(header, names)).toBe(left);
  });
});
