import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { SecretOption } from '../crypto/key-source.interface.js';
import type { CacheLimiter } from '../http/cache-headers.js';
import type { IdSource } from '../http/id-sources.js';
import type { PathMatch } from '../http/request-target.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { SessionFormat } from '../persistence/session-format.interface.js';
import type { CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';

/** Everything that can be said in `forRoot`. Durations are seconds. */
export interface SessionCryptoOptions {
  readonly crypto: CryptoOptions;
  readonly cookie?: CookieOptions;
  readonly id?: IdOptions;
  readonly session?: SessionOptions;
  /** Where sessions wait. @default cookieStore() */
  readonly store?: CookieStore | SessionStore | ForeignStore;
  readonly cache?: CacheOptions;
  readonly prune?: PruneOptions;
  /** Hosts and paths with options of their own. Exactly one context, or none, holds for a request: the one that names
   *  host and path most exactly, chosen before any cookie is read. Not a limit to what a user may do.
   *  @default [] @see Apache `<VirtualHost>`, `<Location>` */
  readonly contexts?: readonly ContextOptions[];
}

/** What is different for a host or below a path; what is not said is as everywhere. A context with another `crypto`,
 *  `cookie` or `store` needs a `cookie.name` or `crypto.audience` of its own. */
export interface ContextOptions {
  /** Names of hosts, without port; `*.example.com` for all below. The host is what the platform says, through its proxy
   *  trust. @default any host */
  readonly host?: string | readonly string[];
  /** The path that the context begins at. @default '/' @see Apache `<Location>` */
  readonly path?: string;
  /** `segments`: `/a` covers `/a` and `/a/b`, by the router's case rule; `prefix`: it covers `/abc` too, byte by byte.
   *  @default 'segments' */
  readonly match?: PathMatch;
  readonly crypto?: Partial<CryptoOptions>;
  readonly cookie?: CookieOptions;
  readonly id?: IdOptions;
  readonly session?: SessionOptions;
  readonly store?: CookieStore | SessionStore | ForeignStore;
  readonly cache?: CacheOptions;
}

export interface CryptoOptions {
  /** The first seals, all open. Rotate by appending the new secret, then promoting it, then dropping the old one.
   *  One that is undefined or empty stops the start. Needed unless there is a `format`.
   *  @see Apache `SessionCryptoPassphrase` */
  readonly secrets?: readonly (SecretOption | undefined)[];
  /** The form of sealed sessions: ours, or another with its own secrets, such as `apache()`. @default 'native' */
  readonly format?: 'native' | SessionFormat;
  /** Other forms whose sessions are led over to ours: each has its own cookie, which is read only when ours is absent.
   *  @default [] */
  readonly accept?: readonly SessionFormat[];
  /** Who does the cryptography, for the whole process: a name, an instance, a class, or the symbol that it is provided
   *  under. `npx nestjs-session-crypto drivers` says what can be used. @default 'openssl' @see Apache `SessionCryptoDriver` */
  readonly driver?: DriverOption;
  /** Parameters of a driver that is named. @default {} @see Apache `SessionCryptoDriver` */
  readonly driverParams?: Readonly<Record<string, DriverParamOption | undefined>>;
  /** The cipher that seals. @default 'aes256' @see Apache `SessionCryptoCipher` */
  readonly cipher?: 'aes256' | 'aes128' | 'chacha20';
  /** Ciphers that open besides, while sessions move from one to another. @default [] */
  readonly acceptCiphers?: readonly ('aes256' | 'aes128' | 'chacha20')[];
  /** Name of the key ring: rings of other names do not open each other's sessions. @default 'default' */
  readonly ring?: string;
  /** Salt of the passphrases, equal on all servers that share sessions; not secret. @default '' */
  readonly salt?: string;
  /** Whose sessions these are, where one ring serves several tenants. @default '' */
  readonly tenant?: string;
  /** The site that sessions are for: others with the same secrets do not open them. @default '' */
  readonly audience?: string;
  /** Derived keys that are kept so that opening again is cheap; 0 for none. @default 1000 */
  readonly keyCache?: number;
  readonly reload?: {
    /** Seconds between two readings of exec, file and callback sources; 0 for none. @default 300 */
    readonly interval?: number;
    /** Read again when a secret's file changes. @default true */
    readonly watch?: boolean;
    /** Read again at this signal. @default none */
    readonly signal?: NodeJS.Signals;
  };
}

/** A driver by its name in docs/drivers.md, ready made, or as an application provides it: a class is made with what it
 *  asks for in its constructor, unless there is a provider of it. */
export type DriverOption =
  'openssl' | 'nss' | 'pkcs11' | 'sodium' | 'webcrypto' | CryptoDriver | DriverClass | symbol;

export type DriverClass = abstract new (...args: never[]) => CryptoDriver;

/** A text, a number, `true` for a flag, or where a secret such as a PIN comes from. */
export type DriverParamOption = SecretOption | number | boolean;

export interface CookieOptions {
  /** The cookie's name; its prefix is checked, and left out on a plain connection.
   *  @default '__Host-sid' on a secure connection, 'sid' on a plain one; '__Secure-sid' with a domain or path; '-NAME' is added for a named session
   *  @see PHP `session.name`, Apache `SessionCookieName` */
  readonly name?: string;
  /** Hosts that the cookie is sent to besides: this domain and all below it.
   *  @default none: this host only @see PHP `session.cookie_domain` */
  readonly domain?: string;
  /** Paths that the cookie is sent to. @default '/' @see PHP `session.cookie_path` */
  readonly path?: string;
  /** `auto`: as the connection is, through the platform's proxy trust; plain only between a local browser and a local
   *  server. `true`: always. `false`: never, for networks without TLS. @default 'auto' @see PHP `session.cookie_secure` */
  readonly secure?: 'auto' | boolean;
  /** Scripts cannot read the cookie. @default true @see PHP `session.cookie_httponly` */
  readonly httpOnly?: boolean;
  /** Which requests of other sites carry the cookie. @default 'lax' @see PHP `session.cookie_samesite` */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** One cookie for each site that embeds this one (CHIPS). @default false @see PHP `session.cookie_partitioned` */
  readonly partitioned?: boolean;
  /** Which cookies a browser drops last when it has too many. @default none */
  readonly priority?: 'low' | 'medium' | 'high';
  /** Seconds that the browser keeps the cookie; 0 until it closes. Never the session's own limit.
   *  @default 0 @see PHP `session.cookie_lifetime` */
  readonly lifetime?: number;
}

export interface IdOptions {
  /** Where a request may bring the id of its session: asked in the order cookie, header, query, body, each only where
   *  the one before brings nothing. Without `cookie` none is sent. A new id is told in the header where the old one, or
   *  an empty header, came in it. Needs a store on the server for more than the cookie.
   *  @default ['cookie'] @see PHP `session.use_cookies`, `session.use_only_cookies` */
  readonly sources?: readonly IdSource[];
  /** Name of the header. @default 'x-session-id' */
  readonly header?: string;
  /** Name of the parameter in the query and of the form field. @default the cookie's name without its prefix */
  readonly parameter?: string;
  /** Characters of an id, 22 to 256, where the store's ids are of PHP's form, as those of files that PHP shares are: in
   *  all other stores an id has 256 random bits. Below 128 bits the start stops.
   *  @default 48 @see PHP `session.sid_length` */
  readonly length?: number;
  /** Random bits of each character of such an id: `0-9a-f`, `0-9a-v`, or all letters and digits, `,` and `-`.
   *  @default 6 @see PHP `session.sid_bits_per_character` */
  readonly bitsPerCharacter?: 4 | 5 | 6;
  /** Which pages may send ids in the query or a form besides those of our own origin, as the browser says it.
   *  A referer is no proof: anybody can leave it out. @default none @see PHP `session.referer_check` */
  readonly refererCheck?: {
    /** Such as `https://shop.example`. */
    readonly origins: readonly string[];
    /** `substring`: the referer holds one of them anywhere, as in PHP. @default 'origin' */
    readonly match?: 'origin' | 'substring';
    /** What a request without a referer is to RefererGuard; an id in a link or form does not count without one.
     *  @default 'pass' */
    readonly missing?: 'pass' | 'refuse';
  };
  /** Puts the id into the links and forms of HTML pages for visitors without cookies; weak by nature. Needs `query` in
   *  `sources`, a store on the server, and the package parse5-sax-parser.
   *  @default false @see PHP `session.use_trans_sid` */
  readonly transSid?: boolean | TransSidOptions;
}

export interface TransSidOptions {
  /** The attribute that is rewritten, by tag; a form that is listed gets a hidden field besides.
   *  @default { a: 'href', area: 'href', frame: 'src', form: '' } @see PHP `session.trans_sid_tags` */
  readonly tags?: Readonly<Record<string, string>>;
  /** Hosts whose addresses get the id, besides those without a host: no others, not even our own.
   *  @default [] for our own @see PHP `session.trans_sid_hosts` */
  readonly hosts?: readonly string[];
  /** Our own host, such as `https://shop.example`. Without it, what a trusted proxy says; without one, only addresses
   *  without a host are ours. */
  readonly origin?: string;
}

export interface SessionOptions {
  /** Seconds without a request after which a session ends; 0 for no limit.
   *  @default 1440 @see PHP `session.gc_maxlifetime`, Apache `SessionMaxAge` */
  readonly idleTimeout?: number;
  /** Seconds after login (or beginning) at which a session ends however it is used; 0 for no limit. @default 28800 */
  readonly absoluteTimeout?: number;
  /** Seconds after which a stored session gets a new id; 0 for never. @default 900 */
  readonly regenerateInterval?: number;
  /** Seconds that an old id leads to its successor and an ended one is remembered. @default 60 */
  readonly graceTime?: number;
  /** Seconds between two moves of the idle clock. @default idleTimeout / 24, at least 60; cookieStore: idleTimeout / 2
   *  @see Apache `SessionExpiryUpdateInterval` */
  readonly touchInterval?: number;
  /** `false`: no cookie is read and none is sent; changes throw. @default true @see Apache `Session` */
  readonly enabled?: boolean;
  /** Paths below which there are sessions. @default [] for all @see Apache `SessionInclude` */
  readonly include?: readonly string[];
  /** Paths below which there are none, also where `include` names them. @default [] @see Apache `SessionExclude` */
  readonly exclude?: readonly string[];
  /** How `include` and `exclude` are compared: whole segments, or byte by byte as httpd does.
   *  @default 'segments' */
  readonly match?: PathMatch;
  /** `eager` loads before the handler, so that Nest's own `@Session()` works. @default 'lazy' */
  readonly load?: 'lazy' | 'eager';
  /** Two requests that overwrite one key: the later wins with an event, or gets 409. @default 'last-wins' */
  readonly onConflict?: 'last-wins' | 'reject';
  /** A session that ended while the request ran: its changes are dropped with an event, or the answer is 409.
   *  @default 'drop' */
  readonly onGone?: 'drop' | 'fail';
  /** The store does not answer: 503, or an anonymous session that can only be read. @default 'fail' */
  readonly onStoreDown?: 'fail' | 'anonymous';
  /** An id was used after its grace time: an event only, or the subject's sessions end too. @default 'event' */
  readonly onReuse?: 'event' | 'end';
  /** Bytes of JSON that a session may have. @default 1048576 */
  readonly payloadLimit?: number;
  /** Seconds that the store may take, and a response may wait for it. @default 5 */
  readonly commitTimeout?: number;
  /** `false`: `SessionService.current()` throws, and nothing else asks for AsyncLocalStorage, whose promise hooks cost
   *  each request some microseconds on Node 20 and 22. @default true */
  readonly asyncContext?: boolean;
}

export interface CacheOptions {
  /** What caches may do with responses that used a session. A `Cache-Control` of the handler's is kept.
   *  @default 'nocache' @see PHP `session.cache_limiter` */
  readonly limiter?: CacheLimiter;
  /** Minutes that a cache may keep an answer, where it may. @default 180 @see PHP `session.cache_expire` */
  readonly expire?: number;
}

export interface PruneOptions {
  /** Seconds between two removals of what has expired; 0 for none. @default 300 */
  readonly interval?: number;
  /** Of `divisor` requests, after how many answers what has expired is removed besides; 0 for none.
   *  @default 0 @see PHP `session.gc_probability` */
  readonly probability?: number;
  /** @default 100 @see PHP `session.gc_divisor` */
  readonly divisor?: number;
}
