import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { CACHE_LIMITERS, type CacheLimiter } from '../http/cache-headers.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import { cookieStore, type CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import { OptionReader } from './option-reader.js';
import type { SessionCryptoOptions } from './options.interface.js';
import { DEFAULT_SESSION } from './default-session.js';
import { resolveContexts } from './resolve-contexts.js';
import { resolveCookies, type ResolvedCookies } from './resolve-cookie.js';
import { resolveCrypto, type ResolvedCrypto } from './resolve-crypto.js';
import { resolveId } from './resolve-id.js';
import { resolveScope } from './resolve-scope.js';
import type { ResolvedOptions } from './resolved-options.interface.js';

const NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** Ten years: what fits into the frame with room to spare. */
const MAX_SECONDS = 315_360_000;
const SECONDS = [0, MAX_SECONDS] as const;

/** All defaults and all checks. Throws one SessionConfigError that lists every fault. */
export function resolveOptions(options: SessionCryptoOptions, session = DEFAULT_SESSION): ResolvedOptions {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  if (!NAME.test(session))
    reader.addFault('name', 'of a session is made of 1 to 40 letters, digits, - and _');
  const base = resolveSet(reader, session);
  const contexts = resolveContexts(reader, options, base, faults, (path, set, shared) =>
    resolveContext(path, set, shared, session, faults),
  );
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
  return Object.freeze({ ...base, contexts });
}

/** A complete set. `shared` parts are taken as they are: they have been checked. */
function resolveSet(
  reader: OptionReader,
  session: string,
  shared: Partial<ResolvedOptions> = {},
): ResolvedOptions {
  const store = shared.store ?? resolveStore(reader);
  const crypto = shared.crypto ?? resolveCrypto(reader.sub('crypto'));
  const own = isForeignStore(store) ? store : undefined;
  const cookies = resolveCookies(reader.sub('cookie'), session, own?.cookieName);
  const id = resolveId(reader.sub('id'), parameterOf(cookies), !isCookieStore(store));
  checkPair(reader, crypto, store);
  checkOrigins(reader, crypto, cookies);
  reader.passBelow('store', own?.check?.(id) ?? []);
  return {
    crypto,
    cookies,
    id,
    ...resolveSession(reader.sub('session'), store),
    store,
    contexts: [],
    cache: resolveCache(reader.sub('cache')),
    prune: resolvePrune(reader.sub('prune')),
  };
}

/** What a context inherits was checked with the base: a fault is told once. */
function resolveContext(
  path: string,
  options: SessionCryptoOptions,
  shared: Partial<ResolvedOptions>,
  session: string,
  faults: ConfigFault[],
): ResolvedOptions {
  const own: ConfigFault[] = [];
  const resolved = resolveSet(new OptionReader(path, options, own), session, shared);
  const isKnown = ({ path: at, message }: ConfigFault) =>
    faults.some((fault) => `${path}.${fault.path}` === at && fault.message === message);
  faults.push(...own.filter((fault) => !isKnown(fault)));
  return Object.freeze(resolved);
}

/** A form and a store that belong together. */
function checkPair(
  reader: OptionReader,
  crypto: ResolvedCrypto,
  store: CookieStore | SessionStore | ForeignStore,
): void {
  const { format } = crypto;
  if (isForeignStore(store)) checkForeign(reader, crypto, store);
  if (format && isServerStore(store))
    reader.addFault(
      'store',
      `"${store.kind}" keeps sessions of our own format; crypto.format "${format.name}" goes with cookieStore() or a store of its own`,
    );
}

function checkForeign(reader: OptionReader, { format, accept }: ResolvedCrypto, store: ForeignStore): void {
  const needed = store.format;
  if (needed !== undefined && format?.name !== needed)
    reader.addFault(
      'store',
      `"${store.kind}" keeps sessions of the ${needed} format; set crypto.format to it`,
    );
  if (needed !== undefined) return;
  if (format)
    reader.addFault(
      'store',
      `"${store.kind}" keeps sessions of a form of its own; take crypto.format away and set crypto.secrets`,
    );
  if (accept.length)
    reader.addFault(
      'crypto.accept',
      `leads other forms over to ours, and "${store.kind}" has a form of its own; take one of them away`,
    );
}

/** The cookie's name as a plain connection has it. */
const parameterOf = ({ plain, secure }: ResolvedCookies): string =>
  (plain ?? secure)!.name
    .replace(/^__(?:Host-Http-|Http-|Host-|Secure-)/i, '')
    .replace(/[^A-Za-z0-9_-]/g, '_') || 'sid';

/** The cookie says which form a session is of, so that no form is ever tried. */
function checkOrigins(
  reader: OptionReader,
  { accept }: ResolvedCrypto,
  { secure, plain }: ResolvedCookies,
): void {
  const names = [secure?.name, plain?.name];
  for (const { migrationSource } of accept) {
    if (migrationSource && names.includes(migrationSource.cookie.name))
      reader.addFault(
        'crypto.accept',
        `reads the cookie "${migrationSource.cookie.name}", which is ours; set another cookie.name`,
      );
    names.push(migrationSource?.cookie.name);
  }
}

function resolveStore(reader: OptionReader): CookieStore | SessionStore | ForeignStore {
  const store = reader.take('store');
  if (store === undefined) return cookieStore();
  if (
    typeof store === 'object' &&
    store !== null &&
    (isCookieStore(store) || isServerStore(store) || isForeignStore(store))
  )
    return store;
  reader.addFault(
    'store',
    `is ${kindOf(store)}; allowed are cookieStore(), memoryStore(), typeOrmStore() or an object with the methods of SessionStore`,
  );
  return cookieStore();
}

export const isCookieStore = (store: object): store is CookieStore =>
  (store as CookieStore).kind === 'cookie';

export const isForeignStore = (store: object): store is ForeignStore =>
  typeof (store as Partial<ForeignStore>).repository === 'function';

function isServerStore(store: object): store is SessionStore {
  const { load, create, replace, move, destroy } = store as Partial<SessionStore>;
  return [load, create, replace, move, destroy].every((method) => typeof method === 'function');
}

function resolveSession(reader: OptionReader, store: CookieStore | SessionStore | ForeignStore) {
  const idleTimeout = reader.integer('idleTimeout', 1440, 'seconds', SECONDS);
  const timeouts: SessionTimeouts = {
    idleTimeout,
    absoluteTimeout: reader.integer('absoluteTimeout', 28_800, 'seconds', SECONDS),
    regenerateInterval: reader.integer('regenerateInterval', 900, 'seconds', SECONDS),
    graceTime: reader.integer('graceTime', 60, 'seconds', [0, 3600]),
    touchInterval: reader.integer('touchInterval', defaultTouch(idleTimeout, store), 'seconds', SECONDS),
  };
  if (idleTimeout && timeouts.touchInterval >= idleTimeout)
    reader.addFault(
      'touchInterval',
      `is ${timeouts.touchInterval} and session.idleTimeout ${idleTimeout}; sessions in use would end, so make it smaller`,
    );
  const session = {
    timeouts,
    scope: resolveScope(reader),
    load: reader.choice('load', 'lazy', ['lazy', 'eager'] as const),
    onConflict: reader.choice('onConflict', 'last-wins', ['last-wins', 'reject'] as const),
    onGone: reader.choice('onGone', 'drop', ['drop', 'fail'] as const),
    onStoreDown: reader.choice('onStoreDown', 'fail', ['fail', 'anonymous'] as const),
    onReuse: reader.choice('onReuse', 'event', ['event', 'end'] as const),
    payloadLimit: reader.integer('payloadLimit', 1_048_576, 'bytes', [64, 67_108_864]),
    commitTimeout: 1000 * reader.integer('commitTimeout', 5, 'seconds', [1, 600]),
    asyncContext: reader.choice('asyncContext', true, [true, false] as const),
  };
  reader.end();
  return session;
}

/** Often enough that a session in use does not end, seldom enough that reading stays reading. */
function defaultTouch(idleTimeout: number, store: CookieStore | SessionStore | ForeignStore): number {
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

function resolvePrune(reader: OptionReader): ResolvedOptions['prune'] {
  const prune = {
    interval: reader.integer('interval', 300, 'seconds', [0, 2_000_000]),
    probability: reader.integer('probability', 0, 'requests', [0, 1_000_000]),
    divisor: reader.integer('divisor', 100, 'requests', [1, 1_000_000]),
  };
  reader.end();
  return prune;
}
