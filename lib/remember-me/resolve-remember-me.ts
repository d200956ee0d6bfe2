import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { MAX_TIMER } from '../options/limits.js';
import { OptionReader } from '../options/option-reader.js';
import type { CookieOptions } from '../options/cookie-options.interface.js';
import type { ResolvedCookies } from '../options/resolve-cookie.js';
import { resolveCookies } from '../options/resolve-cookie.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import type { RememberMeOptions } from './remember-me.options.js';
import type { SeriesTimes } from './series.repository.js';

/** The options after all defaults and checks. Frozen; no other file applies a default. */
export interface ResolvedRememberMe {
  readonly store: SessionStore;
  readonly cookies: ResolvedCookies;
  readonly times: SeriesTimes;
  readonly onTheft: 'end' | 'event';
  /** Seconds; 0 for no timer. */
  readonly pruneInterval: number;
}

/** Begins the option paths in messages. */
const PATH = 'rememberMe';
const THIRTY_DAYS = 2_592_000;
/** Methods of a store that series need. */
const METHODS = ['load', 'create', 'replace', 'destroy', 'list', 'destroySubject'] as const;

/** Applies the defaults and checks the options. Throws one SessionConfigError that lists every fault. `session` is the name of
 *  the session that visitors are logged in to. */
export function resolveRememberMe(options: RememberMeOptions, session: string): ResolvedRememberMe {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader(PATH, options, faults);
  const { cookies, lifetime } = resolveCookie(reader, session, faults);
  const resolved: ResolvedRememberMe = {
    store: resolveStore(reader),
    cookies,
    times: {
      lifetime,
      graceTime: reader.integer('graceTime', 60, 'seconds', [0, 3600]),
      rolling: reader.choice('rolling', false, [true, false]),
    },
    onTheft: reader.choice('onTheft', 'end', ['end', 'event'] as const),
    pruneInterval: reader.integer('pruneInterval', 3600, 'seconds', [0, MAX_TIMER]),
  };
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
  return Object.freeze(resolved);
}

/** Checks the cookie like that of a session, with other defaults. */
function resolveCookie(reader: OptionReader, session: string, faults: ConfigFault[]) {
  const raw = reader.take('cookie') as CookieOptions | undefined;
  const isGroup = raw === undefined || (typeof raw === 'object' && raw !== null && !Array.isArray(raw));
  const given: CookieOptions = isGroup
    ? { ...raw, name: raw?.name ?? defaultName(raw, session), lifetime: raw?.lifetime ?? THIRTY_DAYS }
    : raw;
  const cookie = new OptionReader(reader.pathOf('cookie'), given, faults);
  const cookies = resolveCookies(cookie, session);
  if (given.lifetime === 0)
    cookie.addFault(
      'lifetime',
      'is 0; allowed is a whole number of seconds from 1, since a browser is remembered for a limited time',
    );
  return { cookies, lifetime: given.lifetime! };
}

/** Returns the cookie's default name with the strictest prefix that its attributes allow (RFC 6265bis §4.1.3). */
function defaultName({ domain, path = '/', secure }: CookieOptions = {}, session: string): string {
  const name = session === DEFAULT_SESSION ? 'remember' : `remember-${session}`;
  if (secure === false) return name;
  return `${domain || path !== '/' ? '__Secure-' : '__Host-'}${name}`;
}

/** Checks that the store has the methods of series and guards them by the version. */
function resolveStore(reader: OptionReader): SessionStore {
  const store = reader.take('store') as SessionStore;
  const missing = METHODS.filter(
    (method) => typeof (store as SessionStore | undefined)?.[method] !== 'function',
  );
  if (missing.length)
    reader.addFault(
      'store',
      `is ${kindOf(store)} and lacks ${missing.join(', ')}; allowed are typeOrmStore({ table: 'remember_me' }), memoryStore() or another store on the server`,
    );
  else if (!store.guarded)
    reader.addFault(
      'store',
      `"${store.kind}" does not check versions when it saves, so a token could be used twice; choose a guarded store`,
    );
  return store;
}

/** Checks the options against the sessions of the application: series need a table and a cookie of their own, and keys of
 *  the native format. Throws a SessionConfigError. */
export function checkBeside(
  { store, cookies }: ResolvedRememberMe,
  session: {
    /** Name of the session that visitors are logged in to. */
    readonly name: string;
    /** Its stores, one for each context. */
    readonly stores: readonly { readonly kind: string; readonly name?: string }[];
    /** The cookie names of all sessions. */
    readonly cookieNames: readonly string[];
    /** All its contexts have keys of the native format. */
    readonly hasEnvelope: boolean;
  },
): void {
  const faults: ConfigFault[] = [];
  const addFault = (key: string, message: string) => void faults.push({ path: `${PATH}.${key}`, message });
  if (!session.hasEnvelope)
    addFault(
      'session',
      `"${session.name}" has no keys of the native format; set crypto.secrets, with which the tokens are sealed`,
    );
  if (session.stores.some((one) => isSame(one, store)))
    addFault(
      'store',
      `is the table of the session "${session.name}"; choose another: typeOrmStore({ table: 'remember_me' })`,
    );
  const taken = [cookies.secure, cookies.plain].find((one) => one && session.cookieNames.includes(one.name));
  if (taken) addFault('cookie.name', `"${taken.name}" is the cookie of a session; choose another name`);
  if (faults.length) throw new SessionConfigError(faults);
}

/** Reports whether two stores keep their rows in one place. Two memory stores never do, although they have one name. */
const isSame = (one: { kind: string; name?: string }, other: SessionStore): boolean =>
  one === other || (one.kind === other.kind && one.name === other.name && one.kind !== 'memory');
