import { describe, expect, it } from 'vitest';
import { isAllowedReferer, namedOrigin, originOf, type RefererCheck } from '../../../lib/http/referer.js';

const check = (part: Partial<RefererCheck> = {}): RefererCheck => ({
  origins: ['https://shop.example', 'http://127.0.0.1:3000'],
  match: 'origin',
  missing: 'pass',
  ...part,
});

describe('isAllowedReferer', () => {
  it.each([
    ['https://shop.example/', true],
    ['https://shop.example:443/a', true],
    ['http://127.0.0.1:3000/x', true],
    ['https://shop.example.evil.example/', false],
    ['https://evil.example/https://shop.example/', false],
    ['https://user:password@shop.example/', true],
    ['https://shop.example@evil.example/', false],
    ['null', false],
    ['not an address', false],
  ])('by origin: %s is %s', (referer, allowed) => {
    expect(isAllowedReferer(check(), { referer })).toBe(allowed);
  });

  it('by substring accepts the text anywhere, as PHP does', () => {
    const php = check({ match: 'substring', origins: ['shop.example'] });
    expect(isAllowedReferer(php, { referer: 'https://evil.example/?shop.example' })).toBe(true);
    expect(isAllowedReferer(php, { referer: 'https://evil.example/' })).toBe(false);
  });

  it('by substring compares a text that names an origin as an origin', () => {
    const php = check({ match: 'substring', origins: ['https://shop.example', 'pay.example'] });
    const allowed = (referer: string, site?: string) =>
      isAllowedReferer(php, { referer, ...(site && { 'sec-fetch-site': site }) });
    expect(allowed('https://shop.example/cart')).toBe(true);
    expect(allowed('https://shop.example/cart', 'cross-site')).toBe(true);
    expect(allowed('https://pay.example/')).toBe(true);
    for (const evil of ['https://evil.example/?https://shop.example', 'https://shop.example.evil.example/'])
      expect(allowed(evil)).toBe(false);
  });

  it('lets a request without a referer pass unless `missing` is `refuse`', () => {
    expect(isAllowedReferer(check(), {})).toBe(true);
    expect(isAllowedReferer(check({ missing: 'refuse' }), {})).toBe(false);
    expect(isAllowedReferer(check({ missing: 'refuse' }), { referer: '' })).toBe(false);
  });

  it.each([
    ['cross-site', false],
    ['same-site', false],
    ['same-origin', true],
    ['none', true],
    [undefined, true],
  ])(
    'believes Sec-Fetch-Site: %s before a text or a missing referer, and a listed origin before it',
    (site, allowed) => {
      const fetched = { 'sec-fetch-site': site };
      const php = check({ match: 'substring', origins: ['shop.example'] });
      const text = { ...fetched, referer: 'https://evil.example/?shop.example' };
      expect(isAllowedReferer(php, text)).toBe(allowed);
      expect(isAllowedReferer(php, fetched)).toBe(allowed);
      expect(isAllowedReferer(check(), fetched)).toBe(allowed);
      expect(isAllowedReferer(check(), { ...fetched, referer: 'https://shop.example/' })).toBe(true);
    },
  );
});

describe('originOf', () => {
  it('returns scheme, host and port, and `undefined` for a text without an origin', () => {
    expect(originOf('https://A.example:8443/x')).toBe('https://a.example:8443');
    expect(originOf('data:text/plain,x')).toBeUndefined();
    expect(originOf('/path')).toBeUndefined();
  });
});

describe('namedOrigin', () => {
  it.each([
    ['http://shop.example', 'http://shop.example'],
    ['http://shop.example/', 'http://shop.example'],
    ['HTTPS://Shop.example:8443/cart?x', 'https://shop.example:8443'],
    ['shop.example', undefined],
    ['shop.example/', undefined],
    ['//shop.example/', undefined],
    ['shop.example:8443', undefined],
    ['http://', undefined],
    ['x http://shop.example/', undefined],
  ])('of %j is %j', (text, origin) => {
    expect(namedOrigin(text)).toBe(origin);
  });
});
