import { describe, expect, it } from 'vitest';
import { CACHE_LIMITERS, cacheHeaders, type CacheLimiter } from '../../../lib/http/cache-headers.js';

const NOW = new Date('2026-01-02T03:04:05Z');
const LONG_AGO = 'Thu, 19 Nov 1981 08:52:00 GMT';

describe('cacheHeaders', () => {
  it.each<{ limiter: CacheLimiter; headers: Record<string, string> }>([
    { limiter: 'private', headers: { 'cache-control': 'private, max-age=10800', expires: LONG_AGO } },
    { limiter: 'private_no_expire', headers: { 'cache-control': 'private, max-age=10800' } },
    {
      limiter: 'public',
      headers: { 'cache-control': 'public, max-age=10800', expires: 'Fri, 02 Jan 2026 06:04:05 GMT' },
    },
    { limiter: 'none', headers: {} },
  ])("returns PHP's headers for $limiter", ({ limiter, headers }) => {
    for (const asPhp of [false, true]) expect(cacheHeaders(limiter, 180, asPhp, NOW)).toEqual(headers);
  });

  it('returns one header for nocache, and all of PHP only where PHP is asked for', () => {
    expect(cacheHeaders('nocache', 180)).toEqual({ 'cache-control': 'no-store' });
    expect(cacheHeaders('nocache', 180, true)).toEqual({
      'cache-control': 'no-store, no-cache, must-revalidate',
      expires: LONG_AGO,
      pragma: 'no-cache',
    });
  });

  it('counts in minutes, and accepts 0', () => {
    expect(cacheHeaders('public', 0, false, NOW)).toEqual({
      'cache-control': 'public, max-age=0',
      expires: 'Fri, 02 Jan 2026 03:04:05 GMT',
    });
  });

  it('returns headers for every limiter', () => {
    for (const limiter of CACHE_LIMITERS) expect(cacheHeaders(limiter, 1)).toBeTypeOf('object');
  });
});
