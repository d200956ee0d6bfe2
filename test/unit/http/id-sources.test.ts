import { describe, expect, it } from 'vitest';
import { Cookie } from '../../../lib/http/cookie.js';
import { findIds, ID_SOURCES, type IdSourceOptions } from '../../../lib/http/id-sources.js';
import { hideCookies } from '../../../lib/http/request-headers.js';
import type { PlatformRequest } from '../../../lib/http/connection.js';

const cookie = new Cookie('sid', false, {
  domain: undefined,
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
});
const all: IdSourceOptions = { sources: ID_SOURCES, header: 'x-id', parameter: 'sid', referer: undefined };
const OWN = {
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/x-www-form-urlencoded',
};

const find = (
  headers: Record<string, string>,
  url = '/',
  body?: unknown,
  options: Partial<IdSourceOptions> = {},
) => findIds({ ...all, ...options }, cookie, { headers, url } as unknown as PlatformRequest, body);

describe('findIds', () => {
  it.each([
    [{ cookie: 'sid=c', 'x-id': 'h', ...OWN }, '/?sid=q', { sid: 'b' }, 'cookie', ['c']],
    [{ cookie: 'other=c', 'x-id': 'h', ...OWN }, '/?sid=q', { sid: 'b' }, 'header', ['h']],
    [OWN, '/?sid=q', { sid: 'b' }, 'query', ['q']],
    [OWN, '/?other=q', { sid: 'b' }, 'body', ['b']],
    [OWN, '/', undefined, 'cookie', []],
  ])('uses the first source that carries an id: %j %s %j is %s', (headers, url, body, idSource, values) => {
    expect(find(headers as Record<string, string>, url, body)).toEqual({ idSource, values });
  });

  it('counts an empty cookie as an id, and an empty header as a request for one', () => {
    expect(find({ cookie: 'sid=', 'x-id': 'h' })).toEqual({ idSource: 'cookie', values: [''] });
    expect(find({ 'x-id': '' })).toEqual({ idSource: 'header', values: [] });
  });

  it('counts an empty parameter as an id if a page of our own sent it', () => {
    expect(find(OWN, '/?sid=', { sid: 'b' })).toEqual({ values: [], idSource: 'query' });
    expect(find(OWN, '/', { sid: '' })).toEqual({ values: [], idSource: 'body' });
    expect(find({ ...OWN, 'sec-fetch-site': 'cross-site' }, '/?sid=')).toEqual({
      values: [],
      idSource: 'cookie',
    });
  });

  it('reads no source that is not listed', () => {
    const sources = ['header'] as const;
    expect(find({ cookie: 'sid=c', ...OWN }, '/?sid=q', { sid: 'b' }, { sources })).toEqual({
      idSource: 'header',
      values: [],
    });
  });

  it.each([
    ['without Sec-Fetch-Site', {}],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling site', { 'sec-fetch-site': 'same-site' }],
    ['from the address bar', { 'sec-fetch-site': 'none' }],
  ])('accepts no id of a link or form %s', (_, headers) => {
    expect(find(headers as Record<string, string>, '/?sid=q', { sid: 'b' }).values).toEqual([]);
  });

  it('accepts the id of a link if its referer is allowed', () => {
    const referer = { origins: ['https://shop.example'], match: 'origin', missing: 'refuse' } as const;
    const ids = (from?: string) =>
      find(from ? { referer: from } : {}, '/?sid=q', undefined, { referer }).values;
    expect(ids('https://shop.example/cart?x=1')).toEqual(['q']);
    expect(ids('https://evil.example/?https://shop.example')).toEqual([]);
    expect(ids('http://shop.example/')).toEqual([]);
    expect(ids('about:blank')).toEqual([]);
    expect(ids()).toEqual([]);
  });

  it('accepts no id from another site, though its referer contains the text', () => {
    const referer = { origins: ['shop.example'], match: 'substring', missing: 'pass' } as const;
    const ids = (site?: string) => {
      const headers = {
        referer: 'https://evil.example/?shop.example',
        ...(site && { 'sec-fetch-site': site }),
      };
      return find(headers, '/?sid=q', undefined, { referer }).values;
    };
    expect(ids()).toEqual(['q']);
    expect(ids('cross-site')).toEqual([]);
    expect(ids('same-site')).toEqual([]);
  });

  it('accepts no id without a referer, even where RefererGuard lets such a request pass', () => {
    const referer = { origins: ['https://shop.example'], match: 'origin', missing: 'pass' } as const;
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(find(headers, '/?sid=q', { sid: 'b' }, { referer }).values).toEqual([]);
  });

  it('returns a new id in the header if cookies are no source', () => {
    const sources = ['header', 'query'] as const;
    expect(find(OWN, '/?sid=q', undefined, { sources })).toEqual({ idSource: 'header', values: ['q'] });
  });

  it.each([
    ['an array', { sid: ['a', 'b'] }],
    ['an object', { sid: {} }],
    ['nothing', { sid: '' }],
    ['too much', { sid: 'a'.repeat(5000) }],
    ['an inherited value', Object.create({ sid: 'b' }) as object],
  ])('accepts no form field that is %s', (_, body) => {
    expect(find(OWN, '/', body).values).toEqual([]);
  });

  it('finds a cookie that was hidden from the headers', () => {
    const request = { headers: { cookie: 'a=1; sid=c' }, rawHeaders: ['Cookie', 'a=1; sid=c'], url: '/' };
    hideCookies(request as unknown as PlatformRequest, ['sid']);
    expect(request.headers.cookie).toBe('a=1');
    const found = findIds(all, cookie, request as unknown as PlatformRequest, undefined);
    expect(found).toEqual({ idSource: 'cookie', values: ['c'] });
  });

  it('accepts no member of a JSON body', () => {
    const headers = { ...OWN, 'content-type': 'application/json' };
    expect(find(headers, '/', { sid: 'b' }).values).toEqual([]);
  });

  it('never reads an id from the path', () => {
    expect(find(OWN, '/;sid=q/sid=q#?sid=q').values).toEqual([]);
  });

  it('reads the first of several parameters, decoded once, from the whole target that Express keeps', () => {
    const request = { headers: OWN, url: '/', originalUrl: '/a?sid=x%2Fy&sid=z' };
    expect(findIds(all, cookie, request as unknown as PlatformRequest, undefined).values).toEqual(['x/y']);
  });
});
