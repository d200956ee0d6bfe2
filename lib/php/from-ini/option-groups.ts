import { MAX_COOKIE_LIFETIME } from '../../http/cookie-syntax.js';
import { namedOrigin } from '../../http/referer.js';
import type { CacheOptions } from '../../options/cache-options.interface.js';
import type { CookieOptions } from '../../options/cookie-options.interface.js';
import type { IdOptions, TransSidOptions } from '../../options/id-options.interface.js';
import type { SessionCryptoOptions } from '../../options/options.interface.js';
import { inForeignSeconds } from '../../options/seconds.js';
import type { SessionOptions } from '../../options/session-options.interface.js';
import { fileStore } from '../choose-file-store.js';
import { phpRedisStore } from '../redis/php-redis.store.js';
import { expireOf, folderOf, idleTimeoutOf, pruneShareOf } from './caps.js';
import type { GivenSettings } from './given-settings.js';

/** Returns the groups of options that the settings stand for. A setting that the source does not set leaves no option. */
export function optionGroupsOf(given: GivenSettings): Omit<SessionCryptoOptions, 'crypto'> {
  const store = storeOf(given);
  return {
    cookie: inForeignSeconds(cookieOf(given)),
    id: idOf(given, store !== undefined),
    session: inForeignSeconds(sessionOf(given)),
    cache: cacheOf(given),
    prune: pruneShareOf(given),
    ...(store && { store }),
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** An empty path, domain, SameSite or HttpOnly, and Secure switched off, leave the default of this package: every stock
 *  php.ini has them. A lifetime that browsers
 *  would cut is cut here, because the options refuse it. */
function cookieOf(given: GivenSettings): CookieOptions {
  const cookie: Writable<CookieOptions> = {};
  const name = given.get('session.name');
  if (name !== undefined) cookie.name = name;
  const lifetime = given.get('session.cookie_lifetime');
  if (lifetime !== undefined) cookie.lifetime = Math.min(lifetime, MAX_COOKIE_LIFETIME);
  const path = given.get('session.cookie_path');
  if (path) cookie.path = path;
  const domain = given.get('session.cookie_domain');
  if (domain) cookie.domain = domain;
  if (given.get('session.cookie_secure')) cookie.secure = true;
  const httpOnly = given.get('session.cookie_httponly');
  if (httpOnly || given.isWritten('session.cookie_httponly')) cookie.httpOnly = httpOnly!;
  const sameSite = given.get('session.cookie_samesite');
  if (sameSite) cookie.sameSite = sameSite;
  if (given.get('session.cookie_partitioned')) cookie.partitioned = true;
  return cookie;
}

/** Ids in links and forms need sessions on the server, where PHP always has them. With session.use_cookies off, the
 *  response returns a new id in a header; PHP returns it in its constant SID. */
function idOf(given: GivenSettings, onServer: boolean): IdOptions {
  const inUrls = onServer && given.get('session.use_only_cookies') === false;
  const first = given.get('session.use_cookies') === false ? 'header' : 'cookie';
  const referer = given.get('session.referer_check');
  return {
    ...(given.shared && idFormatOf(given)),
    ...(inUrls && { sources: [first, 'query', 'body'] }),
    ...(inUrls && given.get('session.use_trans_sid') && { transSid: transSidOf(given) }),
    ...(referer && { refererCheck: refererCheckOf(referer) }),
  };
}

/** A text that names an origin becomes this origin, because PHP's search also finds it in the query of any other site. */
function refererCheckOf(text: string): IdOptions['refererCheck'] {
  const origin = namedOrigin(text);
  return origin === undefined ? { origins: [text], match: 'substring' } : { origins: [origin] };
}

/** The form of ids matters only for sessions shared with PHP, which makes them with its own defaults. Other ids have 256
 *  random bits. */
function idFormatOf(given: GivenSettings): IdOptions {
  return {
    length: given.getOrDefault('session.sid_length'),
    bitsPerCharacter: given.getOrDefault('session.sid_bits_per_character') as 4 | 5 | 6,
  };
}

/** Tags and hosts that the source does not set keep their defaults. */
function transSidOf(given: GivenSettings): TransSidOptions {
  const tags = given.get('session.trans_sid_tags');
  const hosts = given.get('session.trans_sid_hosts');
  return { ...(tags && { tags: Object.fromEntries(tags) }), ...(hosts && { hosts }) };
}

/** session.auto_start loads the session before the handler runs, as in PHP. PHP has no absolute timeout, so sessions that it shares have
 *  none: it would go on with a session that has ended here. */
function sessionOf(given: GivenSettings): SessionOptions {
  const idleTimeout = idleTimeoutOf(given);
  return {
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(given.shared && { absoluteTimeout: 0 }),
    ...(given.get('session.auto_start') && { load: 'eager' }),
  };
}

/** A limiter that PHP was asked for sends what PHP sends, except for Last-Modified, the time of PHP's script. */
function cacheOf(given: GivenSettings): CacheOptions {
  const limiter = given.get('session.cache_limiter');
  const expire = expireOf(given);
  return {
    ...(limiter !== undefined && { limiter, phpHeaders: true }),
    ...(expire !== undefined && { expire }),
  };
}

/** Returns `undefined` without a folder. The sessions then go into the cookie, and a finding says so. */
function storeOf(given: GivenSettings): SessionCryptoOptions['store'] {
  const serializer = given.getOrDefault('session.serialize_handler');
  if (given.redis) return phpRedisStore({ ...given.redis, sharedUnsealed: { serializer } });
  const folder = folderOf(given);
  if (!folder) return undefined;
  const { path, depth, mode } = folder;
  if (!given.shared) return fileStore({ path, ...(depth && { depth }), mode });
  return fileStore({ path, depth, mode, sharedUnsealed: { serializer } });
}
