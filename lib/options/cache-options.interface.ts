import type { CacheLimiter } from '../http/cache-headers.js';

/** Cache headers of responses that used a session. */
export interface CacheOptions {
  /** The permission for caches to store a response that used a session. A `Cache-Control` header that the handler set is kept, unless
   *  it lets shared caches store a response that sets our cookie: that is sent as `no-store`.
   *  `nocache`: no cache stores the response. `private`: only the browser stores it, and `Expires` lies in the past for
   *  old proxies. `private_no_expire`: the same without `Expires`. `public`: every cache stores it. `none`: no header.
   *  @allowed 'nocache', 'private', 'private_no_expire', 'public', 'none'
   *  @default 'nocache'
   *  @see PHP `session.cache_limiter` */
  readonly limiter?: CacheLimiter;
  /** Minutes that a cache may keep a response. It matters for the limiters `private`, `private_no_expire` and `public`.
   *  @allowed 0 to 5256000
   *  @default 180
   *  @see PHP `session.cache_expire` */
  readonly expire?: number;
  /** The headers of `nocache` as PHP sends them: `Cache-Control: no-store, no-cache, must-revalidate`, `Expires` in the past
   *  and `Pragma`. `false`: `Cache-Control: no-store` alone, which says as much to every cache of today.
   *  @allowed true, false
   *  @default false; true from `fromPhpIni` if it sets the limiter
   *  @see PHP `session.cache_limiter` */
  readonly phpHeaders?: boolean;
}

/** Removal of expired sessions from a server store. An expired session never opens, even before it is removed. */
export interface PruneOptions {
  /** Seconds between two removals by a timer; 0 disables the timer.
   *  @allowed 0 to 2000000
   *  @default 300 */
  readonly interval?: number;
  /** Prune after `probability` out of every `divisor` responses, in addition to the timer; 0 disables it.
   *  @allowed 0 to 1000000
   *  @default 0
   *  @see PHP `session.gc_probability` */
  readonly probability?: number;
  /** The number of responses that `probability` is counted by.
   *  @allowed 1 to 1000000
   *  @default 100
   *  @see PHP `session.gc_divisor` */
  readonly divisor?: number;
}
