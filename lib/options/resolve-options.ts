import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { CACHE_LIMITERS, type CacheLimiter } from '../http/cache-headers.js';
import { COOKIE_PREFIX } from '../http/cookie-syntax.js';
import { cookieStore } from '../stores/cookie.store.js';
import { checkMigrationCookies, checkRevocation, checkStoreFormat } from './check-store.js';
import { DEFAULT_SESSION } from './default-session.js';
import { LONGEST_CACHE, MAX_TIMER, MOST_RESPONSES, TEN_YEARS } from './limits.js';
import { OptionReader } from './option-reader.js';
import type { SessionCryptoOptions } from './options.interface.js';
import { resolveContexts } from './resolve-contexts.js';
import { resolveCookies, type ResolvedCookies } from './resolve-cookie.js';
import { resolveCrypto } from './resolve-crypto.js';
import { resolveId } from './resolve-id.js';
import { checkRings, type RingUse } from './resolve-ring.js';
import { resolveSession } from './resolve-session.js';
import type { AnyStore, ResolvedContext, ResolvedOptions } from './resolved-options.interface.js';
import { isCookieStore, isForeignStore, isServerStore } from './store-kind.js';
import { storeMistake } from './store-mistake.js';

/** The members of the options. */
export const OPTION_GROUPS: readonly (keyof SessionCryptoOptions)[] = [
  'crypto',
  'cookie',
  'id',
  'session',
  'store',
  'csrf',
  'cache',
  'prune',
  'contexts',
];

const NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** Returns the options with all defaults, checked and frozen. `session` is the session's name. Throws one
 *  SessionConfigError that lists every fault. Opens no driver and reads no secret. */
export function resolveOptions(options: SessionCryptoOptions, session = DEFAULT_SESSION): ResolvedOptions {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  if (!NAME.test(session))
    reader.addValueFault('name', session, 'a name of 1 to 40 letters, digits, - and _');
  const base = resolveSet(reader, session);
  const contexts = resolveContexts(reader, options, base, faults, (path, set, shared) =>
    resolveContext(path, set, shared, session, faults),
  );
  checkRings(reader, ringUses(base, contexts));
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
  return Object.freeze({ ...base, contexts });
}

/** The sets of options with their rings. */
const ringUses = (base: ResolvedOptions, contexts: readonly ResolvedContext[]): RingUse[] => [
  { path: 'session', managed: base.crypto.managed, timeouts: base.timeouts },
  ...contexts.map(({ options: { crypto, timeouts } }, i) => ({
    path: `contexts[${i}].session`,
    managed: crypto.managed,
    timeouts,
  })),
];

/** Returns one complete set of options, for the base or a context. The parts in `shared` were checked before. */
function resolveSet(
  reader: OptionReader,
  session: string,
  shared: Partial<ResolvedOptions> = {},
): ResolvedOptions {
  const store = shared.store ?? resolveStore(reader);
  const crypto = shared.crypto ?? resolveCrypto(reader.sub('crypto'));
  const foreign = isForeignStore(store) ? store : undefined;
  const cookies = resolveCookies(reader.sub('cookie'), session, foreign?.cookieName);
  const id = resolveId(reader.sub('id'), defaultParameter(cookies), !isCookieStore(store));
  checkStoreFormat(reader, crypto, store);
  checkMigrationCookies(reader, crypto, cookies);
  reader.addFaultsBelow('store', foreign?.check?.(id) ?? []);
  const life = resolveSession(reader.sub('session'), store, (cookies.secure ?? cookies.plain)!.lifetime);
  checkRevocation(reader, store, life.timeouts);
  return {
    crypto,
    cookies,
    id,
    ...life,
    store,
    contexts: [],
    csrf: resolveCsrf(reader.sub('csrf')),
    cache: resolveCache(reader.sub('cache')),
    prune: resolvePrune(reader.sub('prune')),
  };
}

/** Returns the options of a context. It inherits options from the base, so a fault of the base is not listed again. */
function resolveContext(
  path: string,
  options: SessionCryptoOptions,
  shared: Partial<ResolvedOptions>,
  session: string,
  faults: ConfigFault[],
): ResolvedOptions {
  const own: ConfigFault[] = [];
  const resolved = resolveSet(new OptionReader(path, options, own), session, shared);
  const isListed = ({ path: at, message }: ConfigFault) =>
    faults.some((fault) => `${path}.${fault.path}` === at && fault.message === message);
  faults.push(...own.filter((fault) => !isListed(fault)));
  return Object.freeze(resolved);
}

/** Returns the default of `id.parameter`: the cookie's name on a plain connection, as far as a URL can carry it. */
const defaultParameter = ({ plain, secure }: ResolvedCookies): string =>
  (plain ?? secure)!.name.replace(COOKIE_PREFIX, '').replace(/[^A-Za-z0-9_-]/g, '_') || 'sid';

function resolveStore(reader: OptionReader): AnyStore {
  const store = reader.take('store');
  if (store === undefined) return cookieStore();
  if (
    typeof store === 'object' &&
    store !== null &&
    (isCookieStore(store) || isServerStore(store) || isForeignStore(store))
  )
    return store;
  reader.addFault('store', storeMistake(store));
  return cookieStore();
}

function resolveCsrf(reader: OptionReader): ResolvedOptions['csrf'] {
  const lifetime = reader.integer('lifetime', 7200, 'seconds', [300, TEN_YEARS]);
  reader.end();
  return { lifetime };
}

function resolveCache(reader: OptionReader): ResolvedOptions['cache'] {
  const limiter = reader.choice<CacheLimiter>('limiter', 'nocache', CACHE_LIMITERS);
  const expire = reader.integer('expire', 180, 'minutes', [0, LONGEST_CACHE]);
  const phpHeaders = reader.choice('phpHeaders', false, [true, false] as const);
  reader.end();
  return { limiter, expire, phpHeaders };
}

function resolvePrune(reader: OptionReader): ResolvedOptions['prune'] {
  const prune = {
    interval: reader.integer('interval', 300, 'seconds', [0, MAX_TIMER]),
    probability: reader.integer('probability', 0, 'responses', [0, MOST_RESPONSES]),
    divisor: reader.integer('divisor', 100, 'responses', [1, MOST_RESPONSES]),
  };
  reader.end();
  return prune;
}
