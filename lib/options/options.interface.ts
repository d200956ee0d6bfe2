import type { PathMatch } from '../http/request-target.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import type { CacheOptions, PruneOptions } from './cache-options.interface.js';
import type { CookieOptions } from './cookie-options.interface.js';
import type { CryptoOptions } from './crypto-options.interface.js';
import type { CsrfOptions } from './csrf-options.interface.js';
import type { IdOptions } from './id-options.interface.js';
import type { SessionOptions } from './session-options.interface.js';

/** All options of `SessionCryptoModule.forRoot()`. Durations are whole seconds unless an option names another unit.
 *  `docs/options.md` is made from the comments of these interfaces. */
export interface SessionCryptoOptions {
  /** Keys, cipher and driver. */
  readonly crypto: CryptoOptions;
  /** Name and attributes of the session cookie. */
  readonly cookie?: CookieOptions;
  /** Other places than the cookie for a session id. */
  readonly id?: IdOptions;
  /** Timeouts, paths, and the outcome of conflicts and outages. */
  readonly session?: SessionOptions;
  /** The place where sessions are kept between two requests.
   *  @allowed `cookieStore()`, `memoryStore()`, `typeOrmStore()`, `fileStore()` of `./php`, `dbdStore()` of `./apache`, or an object with the methods of `SessionStore`
   *  @default cookieStore()
   *  @see PHP `session.save_handler`, `session.save_path`, Apache `SessionDBD`, `SessionCookieName` */
  readonly store?: CookieStore | SessionStore | ForeignStore;
  /** Tokens against requests that other sites make the browser send. */
  readonly csrf?: CsrfOptions;
  /** Cache headers of responses that used a session. */
  readonly cache?: CacheOptions;
  /** Removal of expired sessions from a server store. */
  readonly prune?: PruneOptions;
  /** Hosts and paths with their own options. Before any cookie is read, the host and path of the request choose one
   *  context or the base options: the most specific host wins, then the longest path. A context is no access control.
   *  @allowed a list of objects with `host`, `path`, `match`, `crypto`, `cookie`, `id`, `session`, `store`, `csrf` and `cache`; see docs/contexts.md
   *  @default []
   *  @see Apache `<VirtualHost>`, `<Location>` */
  readonly contexts?: readonly ContextOptions[];
}

/** Options that differ for a host or below a path. An option that a context leaves out has the value of the base
 *  options. A context with another `crypto`, `cookie` or `store` needs its own `cookie.name` or `crypto.audience`, unless
 *  no browser sends its cookies to another context or the other way round. */
export interface ContextOptions {
  /** Host names without port. `*.example.com` matches every host below `example.com`, but not `example.com` itself. The
   *  platform supplies the host of a request; it believes a forwarded host only as far as its proxy trust allows.
   *  @allowed a host name or a list of them
   *  @default every host
   *  @see Apache `ServerName`, `ServerAlias` */
  readonly host?: string | readonly string[];
  /** The path that the context covers, with everything below it. The path is decoded and includes Nest's global prefix.
   *  @allowed a decoded path that begins with `/`
   *  @default '/'
   *  @see Apache `<Location>` */
  readonly path?: string;
  /** The comparison of paths. `segments`: `/a` covers `/a` and `/a/b`, and the router decides whether case matters.
   *  `prefix`: the first bytes are compared as httpd does, so `/a` covers `/abc` too.
   *  @allowed 'segments', 'prefix'
   *  @default 'segments' */
  readonly match?: PathMatch;
  /** All of `crypto` except `driver` and `driverParams`, which belong to the whole process. */
  readonly crypto?: Partial<CryptoOptions>;
  readonly cookie?: CookieOptions;
  readonly id?: IdOptions;
  readonly session?: SessionOptions;
  readonly store?: CookieStore | SessionStore | ForeignStore;
  readonly csrf?: CsrfOptions;
  readonly cache?: CacheOptions;
}
