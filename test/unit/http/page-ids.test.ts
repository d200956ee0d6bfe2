import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bringsPageId, takeFieldId, takeQueryId } from '../../../lib/http/page-ids.js';
import type { PlatformRequest } from '../../../lib/http/connection.js';
import { fieldIdOf, queryIdOf } from '../../../lib/http/page-ids.js';

type Sent = Partial<Record<keyof PlatformRequest | 'query', unknown>>;

const requestOf = (sent: Sent): PlatformRequest & { query?: object } =>
  Object.assign(new IncomingMessage(new Socket()), sent) as PlatformRequest & { query?: object };

describe('takeQueryId', () => {
  it('removes the id from what handlers see and keeps it for the session', () => {
    const request = requestOf({
      url: '/b?sid=A&x=1',
      originalUrl: '/a/b?sid=A&x=1',
      query: { sid: 'A', x: '1' },
    });
    request.headers.referer = 'https://shop.example/?x=1&sid=B';
    takeQueryId(request, 'sid');
    expect([request.url, request.originalUrl, request.query]).toEqual(['/b?x=1', '/a/b?x=1', { x: '1' }]);
    expect(request.headers.referer).toBe('https://shop.example/?x=1');
    expect(queryIdOf(request, 'sid')).toBe('A');
    expect(bringsPageId(request, 'sid')).toBe(true);
    takeQueryId(request, 'sid');
    expect(queryIdOf(request, 'sid')).toBe('A');
  });

  it('removes one name at a time and keeps a URL without it', () => {
    const request = requestOf({ url: '/?a=1&b=2' });
    takeQueryId(request, 'c');
    expect([request.url, bringsPageId(request, 'c')]).toEqual(['/?a=1&b=2', false]);
    takeQueryId(request, 'a');
    takeQueryId(request, 'b');
    expect([request.url, queryIdOf(request, 'a'), queryIdOf(request, 'b')]).toEqual(['/', '1', '2']);
  });

  it('removes the id from the path among the headers of HTTP/2', () => {
    const request = requestOf({ url: '/?sid=A&x=1', rawHeaders: [':path', '/?sid=A&x=1', 'accept', '*/*'] });
    request.headers[':path'] = '/?sid=A&x=1';
    takeQueryId(request, 'sid');
    expect(request.headers[':path']).toBe('/?x=1');
    expect(request.rawHeaders).toEqual(['accept', '*/*', ':path', '/?x=1']);
    expect(queryIdOf(request, 'sid')).toBe('A');
  });

  it('shows no id when a request is printed', () => {
    const request = requestOf({ url: '/?sid=SECRET' });
    takeQueryId(request, 'sid');
    expect(JSON.stringify(request)).not.toContain('SECRET');
  });
});

describe('takeFieldId', () => {
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };

  it('removes the id from a form and keeps it for the session', () => {
    const [request, body] = [requestOf(form), { sid: 'A', x: '1' }];
    takeFieldId(request, body, 'sid');
    expect(body).toEqual({ x: '1' });
    expect([fieldIdOf(request, body, 'sid'), bringsPageId(request, 'sid')]).toEqual(['A', true]);
  });

  it('keeps a JSON body, and a body that is no object', () => {
    const [request, body] = [requestOf({ headers: { 'content-type': 'application/json' } }), { sid: 'A' }];
    takeFieldId(request, body, 'sid');
    expect(body).toEqual({ sid: 'A' });
    for (const nothing of [undefined, null, 'sid=A']) takeFieldId(requestOf(form), nothing, 'sid');
  });
});
