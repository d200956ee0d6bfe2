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

/** Options as everything behind this file sees them: complete, checked, frozen. */
export interface ResolvedRememberMe {
  readonly store: SessionStore;
  readonly cookies: ResolvedCookies;
  readonly times: SeriesTimes;
  readonly onTheft: 'end' | 'event';
  /** Seconds. */
  readonly pruneInterval: number;
}

const PATH = 'rememberMe';
const THIRTY_DAYS = 2_592_000;
const POWERS = ['load', 'create', 'replace', 'destroy', 'list', 'destroySubject'] as const;

/** All defaults and all checks. Throws one SessionConfigError that lists every fault. */
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

/** The same checks as the session's cookie, under other defaults. */
function resolveCookie(reader: OptionReader, session: string, faults: ConfigFault[]) {
  const raw = reader.take('cookie') as CookieOptions | undefined;
  const isGroup = raw === undefined || (typeof raw === 'object' && raw !== null && !Array.isArray(raw));
  const given: CookieOptions = isGroup
    ? { ...raw, name: raw?.name ?? defaultName(raw, session), lifetime: raw?.lifetime ?? THIRTY_DAYS }
    : raw;
  const cookie = new OptionReader(reader.pathOf('cookie'), given, faults);
  const cookies = resolveCookies(cookie, session);
  if (given.lifetime === 0)
    cookie.addFault('lifetime', 'is 0; a browser is remembered for a number of seconds, from 1 on');
  return { cookies, lifetime: given.lifetime! };
}

function defaultName({ domain, path = '/', secure }: CookieOptions = {}, session: string): string {
  const name = session === DEFAULT_SESSION ? 'remember' : `remember-${session}`;
  if (secure === false) return name;
  return `${domain || path !== '/' ? '__Secure-' : '__Host-'}${name}`;
}

function resolveStore(reader: OptionReader): SessionStore {
  const store = reader.take('store') as SessionStore;
  const missing = POWERS.filter(
    (power) => typeof (store as SessionStore | undefined)?.[power] !== 'function',
  );
  if (missing.length)
    reader.addFault(
      'store',
      `is ${kindOf(store)} without ${missing.join(', ')}; allowed are typeOrmStore({ table: 'remember_me' }), memoryStore() or another store on the server`,
    );
  else if (!store.guarded)
    reader.addFault(
      'store',
      `"${store.kind}" saves without looking at versions; a token could be used twice there`,
    );
  return store;
}

/** What can only be seen beside the session: a table and a cookie of one's own, and keys of our own form. */
export function checkBeside(
  { store, cookies }: ResolvedRememberMe,
  session: {
    readonly name: string;
    readonly stores: readonly { readonly kind: string; readonly name?: string }[];
    readonly cookieNames: readonly string[];
    readonly hasEnvelope: boolean;
  },
): void {
  const faults: ConfigFault[] = [];
  const note = (key: string, message: string) => void faults.push({ path: `${PATH}.${key}`, message });
  if (!session.hasEnvelope)
    note(
      'session',
      `"${session.name}" has sessions of another format; tokens need crypto.secrets of our own`,
    );
  if (session.stores.some((one) => isSame(one, store)))
    note(
      'store',
      `keeps the sessions "${session.name}" already; name another table: typeOrmStore({ table: 'remember_me' })`,
    );
  const taken = [cookies.secure, cookies.plain].find((one) => one && session.cookieNames.includes(one.name));
  if (taken) note('cookie.name', `"${taken.name}" is the cookie of a session; choose another`);
  if (faults.length) throw new SessionConfigError(faults);
}

/** Every memory store is another, whatever its name. */
const isSame = (one: { kind: string; name?: string }, other: SessionStore): boolean =>
  one === other || (one.kind === other.kind && one.name === other.name && one.kind !== 'memory');
