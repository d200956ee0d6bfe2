import { kindOf, SessionConfigError, type ConfigFault } from '../errors/index.js';
import { CACHE_LIMITERS, type CacheLimiter } from '../http/index.js';
import type { SessionTimeouts } from '../session/index.js';
import { cookieStore, type CookieStore, type SessionStore } from '../stores/index.js';
import { OptionReader } from './option-reader.js';
import type { SessionCryptoOptions } from './options.interface.js';
import { DEFAULT_SESSION } from './default-session.js';
import { resolveCookies, type ResolvedCookies } from './resolve-cookie.js';
import { resolveCrypto, type ResolvedCrypto } from './resolve-crypto.js';

/** Options as everything behind this folder sees them: complete, checked, frozen. */
export interface ResolvedOptions {
  readonly crypto: ResolvedCrypto;
  readonly cookies: ResolvedCookies;
  readonly timeouts: SessionTimeouts;
  readonly load: 'lazy' | 'eager';
  readonly onConflict: 'last-wins' | 'reject';
  readonly onGone: 'drop' | 'fail';
  readonly onStoreDown: 'fail' | 'anonymous';
  readonly onReuse: 'event' | 'end';
  readonly payloadLimit: number;
  /** Milliseconds. */
  readonly commitTimeout: number;
  readonly store: CookieStore | SessionStore;
  readonly cache: { readonly limiter: CacheLimiter; readonly expire: number };
  /** Seconds. */
  readonly pruneInterval: number;
}

const NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** Ten years: what fits into the frame with room to spare. */
const MAX_SECONDS = 315_360_000;
const SECONDS = [0, MAX_SECONDS] as const;

/** All defaults and all checks. Throws one SessionConfigError that lists every fault. */
export function resolveOptions(options: SessionCryptoOptions, session = DEFAULT_SESSION): ResolvedOptions {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  if (!NAME.test(session)) reader.note('name', 'of a session is made of 1 to 40 letters, digits, - and _');
  const store = resolveStore(reader);
  const resolved: ResolvedOptions = {
    crypto: resolveCrypto(reader.sub('crypto')),
    cookies: resolveCookies(reader.sub('cookie'), session),
    ...resolveSession(reader.sub('session'), store),
    store,
    cache: resolveCache(reader.sub('cache')),
    pruneInterval: resolvePrune(reader.sub('prune')),
  };
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
  return Object.freeze(resolved);
}

function resolveStore(reader: OptionReader): CookieStore | SessionStore {
  const store = reader.take('store');
  if (store === undefined) return cookieStore();
  if (typeof store === 'object' && store !== null && (isCookieStore(store) || isServerStore(store)))
    return store;
  reader.note(
    'store',
    `is ${kindOf(store)}; allowed are cookieStore(), memoryStore(), typeOrmStore() or an object with the methods of SessionStore`,
  );
  return cookieStore();
}

export const isCookieStore = (store: object): store is CookieStore =>
  (store as CookieStore).kind === 'cookie';

function isServerStore(store: object): store is SessionStore {
  const { load, create, replace, move, destroy } = store as Partial<SessionStore>;
  return [load, create, replace, move, destroy].every((method) => typeof method === 'function');
}

function resolveSession(reader: OptionReader, store: CookieStore | SessionStore) {
  const idleTimeout = reader.integer('idleTimeout', 1440, 'seconds', SECONDS);
  const timeouts: SessionTimeouts = {
    idleTimeout,
    absoluteTimeout: reader.integer('absoluteTimeout', 28_800, 'seconds', SECONDS),
    regenerateInterval: reader.integer('regenerateInterval', 900, 'seconds', SECONDS),
    graceTime: reader.integer('graceTime', 60, 'seconds', [0, 3600]),
    touchInterval: reader.integer('touchInterval', defaultTouch(idleTimeout, store), 'seconds', SECONDS),
  };
  if (idleTimeout && timeouts.touchInterval >= idleTimeout)
    reader.note(
      'touchInterval',
      `is ${timeouts.touchInterval} and session.idleTimeout ${idleTimeout}; sessions in use would end, so make it smaller`,
    );
  const session = {
    timeouts,
    load: reader.choice('load', 'lazy', ['lazy', 'eager'] as const),
    onConflict: reader.choice('onConflict', 'last-wins', ['last-wins', 'reject'] as const),
    onGone: reader.choice('onGone', 'drop', ['drop', 'fail'] as const),
    onStoreDown: reader.choice('onStoreDown', 'fail', ['fail', 'anonymous'] as const),
    onReuse: reader.choice('onReuse', 'event', ['event', 'end'] as const),
    payloadLimit: reader.integer('payloadLimit', 1_048_576, 'bytes', [64, 67_108_864]),
    commitTimeout: 1000 * reader.integer('commitTimeout', 5, 'seconds', [1, 600]),
  };
  reader.end();
  return session;
}

/** Often enough that a session in use does not end, seldom enough that reading stays reading. */
function defaultTouch(idleTimeout: number, store: CookieStore | SessionStore): number {
  const half = Math.floor(idleTimeout / 2);
  if (isCookieStore(store)) return half;
  return idleTimeout ? Math.min(half, Math.max(60, Math.floor(idleTimeout / 24))) : 300;
}

function resolveCache(reader: OptionReader) {
  const limiter = reader.choice<CacheLimiter>('limiter', 'nocache', CACHE_LIMITERS);
  const expire = reader.integer('expire', 180, 'minutes', [0, 5_256_000]);
  reader.end();
  return { limiter, expire };
}

function resolvePrune(reader: OptionReader): number {
  const interval = reader.integer('interval', 300, 'seconds', [0, 2_000_000]);
  reader.end();
  return interval;
}
