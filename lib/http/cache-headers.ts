/** What shared and private caches may do with a page that used a session.
 *  @see PHP `session.cache_limiter` */
export type CacheLimiter = 'nocache' | 'private' | 'private_no_expire' | 'public' | 'none';

export const CACHE_LIMITERS: readonly CacheLimiter[] = [
  'nocache',
  'private',
  'private_no_expire',
  'public',
  'none',
];

/** A date in the past, as PHP's own limiter sends it. */
const LONG_AGO = 'Thu, 19 Nov 1981 08:52:00 GMT';

type Headers = Readonly<Record<string, string>>;

const NOCACHE: Headers = Object.freeze({
  'cache-control': 'no-store, no-cache, must-revalidate',
  expires: LONG_AGO,
  pragma: 'no-cache',
});
const NONE: Headers = Object.freeze({});

/** The headers of a cache limiter; `expire` in minutes. */
export function cacheHeaders(limiter: CacheLimiter, expire: number, now: Date): Headers {
  const seconds = expire * 60;
  switch (limiter) {
    case 'nocache':
      return NOCACHE;
    case 'private':
      return { 'cache-control': `private, max-age=${seconds}`, expires: LONG_AGO };
    case 'private_no_expire':
      return { 'cache-control': `private, max-age=${seconds}` };
    case 'public':
      return {
        'cache-control': `public, max-age=${seconds}`,
        expires: new Date(now.getTime() + seconds * 1000).toUTCString(),
      };
    case 'none':
      return NONE;
  }
}
