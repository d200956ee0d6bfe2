import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ResponseGate } from '../../../../lib/http/gate/response-gate.js';
import type { BodyRewriter } from '../../../../lib/http/gate/rewritten-body.js';
import type { HeadAdditions } from '../../../../lib/http/gate/response-head.js';

/** Doubles every byte, keeps the last one back, and adds `!` at the end. */
class Doubled implements BodyRewriter {
  private kept = '';

  write(chunk: Buffer): Buffer {
    const all = this.kept + chunk.toString();
    this.kept = all.slice(-1);
    return Buffer.from(all.slice(0, -1).replaceAll(/[^]/g, '$&$&'));
  }

  end(): Buffer {
    return Buffer.from(`${this.kept}!`);
  }
}

const HEAD: HeadAdditions = {
  cookies: [],
  defaults: {},
  vary: 'Cookie',
  removed: ['content-length', 'etag'],
};

/** Returns the response of a handler behind a gate that waits for `stored`. */
async function responseOf(handler: (response: ServerResponse) => unknown, stored?: () => Promise<void>) {
  const server = createServer((_request, response) => {
    const owner = {
      commit: () => stored?.(),
      rewriter: () => new Doubled(),
      additions: () => HEAD,
      onHeadSent: () => {},
    };
    ResponseGate.install(response, owner, { timeout: 5000, heldBody: 1000, heldBodyTotal: 1_000_000 });
    handler(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await new Promise<{ text: string; headers: object }>((resolve, reject) => {
      get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ text, headers: response.headers }));
        response.on('error', reject);
      }).on('error', reject);
    });
  } finally {
    server.close();
  }
}

const STORED = { 'at once': undefined, later: () => new Promise<void>((resolve) => setImmediate(resolve)) };

describe.each(Object.entries(STORED))('a body that is rewritten, stored %s', (_when, stored) => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['end', (response) => response.end('abc')],
    ['end with an encoding', (response) => response.end('616263', 'hex')],
    [
      'write and end',
      (response) => (response.write('a'), response.write(Buffer.from('b')), response.end('c')),
    ],
    [
      'writeHead first',
      (response) => response.writeHead(200, { ETag: '"1"', 'Content-Length': '3' }).end('abc'),
    ],
    ['a length that was set', (response) => response.setHeader('content-length', 3).end('abc')],
    ['an end with a callback', (response) => response.end('abc', () => {})],
    ['an end that was ended', (response) => response.end('abc').end()],
    ['a byte array', (response) => (response.write(Uint8Array.from([97, 98])), response.end('c'))],
  ])('leaves completely by %s', async (_how, handler) => {
    const { text, headers } = await responseOf(handler, stored);
    expect(text).toBe('aabbc!');
    expect(headers).not.toHaveProperty('etag');
    expect(headers).not.toHaveProperty('content-length');
  });

  it('calls the callback also if nothing could leave yet', async () => {
    const { text } = await responseOf((response) => response.write('a', () => response.end('b')), stored);
    expect(text).toBe('aab!');
  });

  it('ends without a chunk', async () => {
    expect((await responseOf((response) => response.end(), stored)).text).toBe('!');
  });
});

it('a value that is no chunk is refused as Node refuses it', async () => {
  const codes: unknown[] = [];
  const refused = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      codes.push((error as { code?: unknown }).code);
    }
  };
  const { text } = await responseOf((response) => {
    refused(() => response.write(null));
    refused(() => response.write(5 as never));
    refused(() => response.end(5 as never));
    response.end('abc');
  });
  expect([text, codes]).toEqual([
    'aabbc!',
    ['ERR_STREAM_NULL_VALUES', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_TYPE'],
  ]);
});
