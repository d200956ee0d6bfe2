import { describe, expect, it } from 'vitest';
import { hostRank, isUnder, pathOf, targetOf, type PathMatch } from '../../../lib/http/request-target.js';

const target = (request: object) => targetOf({ headers: {}, url: '/', ...request } as never);

describe('targetOf', () => {
  it.each([
    { says: 'Example.COM', host: 'example.com' },
    { says: 'example.com:8443', host: 'example.com' },
    { says: 'example.com:', host: 'example.com' },
    { says: 'example.com.', host: 'example.com' },
    { says: 'EXAMPLE.com.:80', host: 'example.com' },
    { says: '[::1]', host: '[::1]' },
    { says: '[::1]:3000', host: '[::1]' },
    { says: '', host: '' },
  ])('reads the host $host from "$says", without port, last dot and case', ({ says, host }) => {
    expect(target({ headers: { host: says } }).host).toBe(host);
    expect(target({ hostname: says }).host).toBe(host);
  });

  it('prefers the platform to the Host header, and that to the header of HTTP/2', () => {
    const headers = { host: 'header.example', ':authority': 'authority.example' };
    expect(target({ hostname: 'platform.example', headers }).host).toBe('platform.example');
    expect(target({ headers }).host).toBe('header.example');
    expect(target({ headers: { ':authority': 'authority.example:443' } }).host).toBe('authority.example');
  });

  it('has an empty host if the request names none', () => {
    expect(target({})).toEqual({ host: '', path: '/' });
  });

  it('never reads X-Forwarded-Host itself', () => {
    expect(target({ headers: { host: 'a.example', 'x-forwarded-host': 'b.example' } }).host).toBe(
      'a.example',
    );
  });

  it('reads the whole path, although a mounted part sees only the rest of it', () => {
    expect(target({ originalUrl: '/api/shop?x', url: '/shop?x' }).path).toBe('/api/shop');
  });

  it("has no path if the request's path is ambiguous", () => {
    expect(target({ url: undefined }).path).toBe('/');
    expect(target({ url: '*' }).path).toBeUndefined();
  });
});

describe('pathOf', () => {
  it.each([
    ['/', '/'],
    ['', '/'],
    ['?x=/a', '/'],
    ['/a/b/', '/a/b/'],
    ['/a?b=//../%2f#%00', '/a'],
    ['/a#b//c', '/a'],
    ['/%61', '/a'],
    ['/s%C3%BC%C3%9F', '/süß'],
    ['/%2561', '/%61'],
    ['/a%252fb', '/a%2fb'],
    ['/a%3Fb', '/a?b'],
    ['/a;b=c/d', '/a;b=c/d'],
    ['/a/.b/c..', '/a/.b/c..'],
    ['/...', '/...'],
    ['http://example.com', '/'],
    ['http://example.com/a?b', '/a'],
    ['HTTPS://example.com?b', '/'],
  ])('decodes %s once, to %s', (raw, path) => {
    expect(pathOf(raw)).toBe(path);
  });

  it.each([
    '//', '/a//b', '//a', '/a//', '/.', '/..', '/./a', '/a/..', '/a/../b', '/a/./b', '/%2e', '/%2e%2E/a',
    '/.%2e', '/a%2fb', '/a%2Fb', '/a\\b', '/a%5cb', '/%00', '/a%00b', '/a\0', '/%', '/%4', '/%zz', '/%ff',
    '/%c0%af', '/%ed%a0%80', '*', 'a', 'example.com:443', 'ftp://example.com/a', 'http:///a//b',
  ])('refuses the path %j', (raw) => {
    expect(pathOf(raw)).toBeUndefined();
  }); // prettier-ignore

  it('returns only absolute paths without dots, empty segments, backslashes and zero bytes', () => {
    const parts = ['/', '//', '.', '..', '%2e', '%2f', '%5C', '%00', '%', '%61', 'a', 'http://', '?', '#', '%C3', '%BC', '\\', ';'];
    let seed = 7;
    const next = (max: number) => (seed = (seed * 48271) % 2147483647) % max;
    for (let i = 0; i < 20_000; i++) {
      const raw = Array.from({ length: next(7) }, () => parts[next(parts.length)]!).join('');
      const path = pathOf(raw);
      if (path === undefined) continue;
      expect(path).toMatch(/^\/[^\\\0]*$/);
      expect(path.slice(1).split('/').slice(0, -1).filter((one) => ['', '.', '..'].includes(one))).toEqual([]);
    }
  }); // prettier-ignore
});

describe('isUnder', () => {
  const row = (
    base: string,
    path: string,
    match: PathMatch,
    exact: boolean,
    folded: boolean,
  ) => ({ base, path, match, exact, folded }); // prettier-ignore

  it.each([
    row('/a', '/a', 'segments', true, true),
    row('/a', '/a/', 'segments', true, true),
    row('/a', '/a/b', 'segments', true, true),
    row('/a', '/ab', 'segments', false, false),
    row('/a', '/', 'segments', false, false),
    row('/a', '/b/a', 'segments', false, false),
    row('/a', '/A/b', 'segments', false, true),
    row('/A', '/a', 'segments', false, true),
    row('/a/', '/a', 'segments', true, true),
    row('/', '/', 'segments', true, true),
    row('/', '/anything', 'segments', true, true),
    row('/ü', '/Ü', 'segments', false, true),
    row('/a', '/ab', 'prefix', true, true),
    row('/a', '/A', 'prefix', false, false),
    row('/a/', '/a', 'prefix', false, false),
    row('/a/', '/a/b', 'prefix', true, true),
  ])('of $base and $path by $match is $exact, and $folded if case does not count', (one) => {
    expect(isUnder(one.base, one.path, one.match, true)).toBe(one.exact);
    expect(isUnder(one.base, one.path, one.match, false)).toBe(one.folded);
  });
});

describe('hostRank', () => {
  it.each([
    { patterns: [], host: 'a.example', rank: 0 },
    { patterns: [], host: '', rank: 0 },
    { patterns: ['b.example'], host: 'a.example', rank: -1 },
    { patterns: ['a.example'], host: '', rank: -1 },
    { patterns: ['*.example'], host: 'example', rank: -1 },
    { patterns: ['*.example'], host: '.example', rank: -1 },
    { patterns: ['*.example'], host: 'badexample', rank: -1 },
    { patterns: ['*.example'], host: 'a.example.org', rank: -1 },
    { patterns: ['example'], host: 'a.example', rank: -1 },
  ])('of $patterns and "$host" is $rank', ({ patterns, host, rank }) => {
    expect(hostRank(patterns, host)).toBe(rank);
  });

  it('is higher if the host is named more exactly', () => {
    const host = 'x.a.example';
    const ranks = [
      [],
      ['*.example'],
      ['*.a.example'],
      ['*.example', '*.a.example'],
      [host],
      ['*.example', host],
    ];
    const [none, far, near, both, named, either] = ranks.map((patterns) => hostRank(patterns, host));
    expect([none! < far!, far! < near!, near === both, near! < named!, named === either]).toEqual(
      Array(5).fill(true),
    );
  });
});
