/** The cache policy of a page that used a session.
 *
 *  - `nocache`: no cache may store the page.
 *  - `private`: only the browser may store it, for `cache.expire`; an old Expires header stops HTTP/1.0 caches.
 *  - `private_no_expire`: the same without Expires.
 *  - `public`: shared caches may store it too.
 *  - `none`: no header is sent.
 *
 *  @see PHP `session.cache_limiter` */
export type CacheLimiter = 'nocache' | 'private' | 'private_no_expire' | 'public' | 'none';

/** All cache limiters, as the check of the options lists them. */
export const CACHE_LIMITERS: readonly CacheLimiter[] = [
  'nocache',
  'private',
  'private_no_expire',
  'public',
  'none',
];

/** The date in the past that PHP's own limiters send. */
const LONG_AGO = 'Thu, 19 Nov 1981 08:52:00 GMT';

type Headers = Readonly<Record<string, string>>;

const NOCACHE: Headers = Object.freeze({ 'cache-control': 'no-store' });
const PHP_NOCACHE: Headers = Object.freeze({
  'cache-control': 'no-store, no-cache, must-revalidate',
  expires: LONG_AGO,
  pragma: 'no-cache',
});
const NONE: Headers = Object.freeze({});

/** Returns the headers of a cache limiter, names in lower case. `expire` is in minutes. `asPhp`: nocache has all three headers
 *  that PHP sends, instead of the one that counts (RFC 9111 §5.2.2.5). PHP's Last-Modified for the other limiters, the time of its
 *  script, has no equal here. @param now by the clock if absent */
export function cacheHeaders(limiter: CacheLimiter, expire: number, asPhp = false, now?: Date): Headers {
  const seconds = expire * 60;
  switch (limiter) {
    case 'nocache':
      return asPhp ? PHP_NOCACHE : NOCACHE;
    case 'private':
      return { 'cache-control': `private, max-age=${seconds}`, expires: LONG_AGO };
    case 'private_no_expire':
      return { 'cache-control': `private, max-age=${seconds}` };
    case 'public':
      return {
        'cache-control': `public, max-age=${seconds}`,
        expires: new Date((now?.getTime() ?? Date.now()) + seconds * 1000).toUTCString(),
      };
    case 'none':
      return NONE;
  }
}
