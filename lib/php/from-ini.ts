import { SessionConfigError, type ConfigFault } from '../errors/index.js';
import type {
  CacheOptions,
  CookieOptions,
  IdOptions,
  PruneOptions,
  SessionCryptoOptions,
  SessionOptions,
} from '../options/index.js';
import { fileStore } from './files/index.js';
import {
  readPhpIni,
  type PhpFinding,
  type PhpIniOptions,
  type PhpSettings,
  type SettingName,
} from './ini/index.js';

export interface FromPhpIniOptions extends PhpIniOptions {
  /** PHP seals nothing, so that its settings know no secrets: those of `crypto.secrets`. */
  readonly secrets: SessionCryptoOptions['crypto']['secrets'];
  /** Told what PHP does in silence, and what is otherwise here. @default nobody is */
  readonly onFinding?: (finding: PhpFinding) => void;
}

/** Options for `forRoot` from PHP's session settings: an excerpt of a php.ini, or what `ini_get_all('session')` gives, as
 *  JSON or as an object. What is set there counts; what is not set is as everywhere here, which is what PHP's manual
 *  recommends, and not PHP's own default.
 *
 *  Throws a SessionConfigError with every fault, each at its line or setting. */
export function fromPhpIni(
  source: string | object,
  { secrets, onFinding, ...reading }: FromPhpIniOptions,
): SessionCryptoOptions {
  const { settings, findings } = readPhpIni(source, reading);
  const reader = new Given(settings);
  refuseWhatIsNotThere(reader);
  for (const finding of [...findings, ...strongerHere(reader)]) onFinding?.(finding);
  const store = storeOf(reader);
  return {
    crypto: { ...(secrets && { secrets }) },
    cookie: cookieOf(reader),
    id: idOf(reader, store !== undefined),
    session: sessionOf(reader),
    cache: cacheOf(reader),
    prune: pruneOf(reader),
    ...(store && { store }),
  };
}

/** What was set, and not PHP's defaults. */
class Given {
  constructor(readonly settings: PhpSettings) {}

  get<N extends SettingName>(name: N): PhpSettings[N]['value'] | undefined {
    const { value, given } = this.settings[name];
    return given ? value : undefined;
  }

  at(name: SettingName): string {
    return this.settings[name].at ?? name;
  }
}

/** Longest lifetime that a browser heeds: 400 days (RFC 6265bis §5.5). */
const MAX_LIFETIME = 34_560_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function cookieOf(ini: Given): CookieOptions {
  const cookie: Writable<CookieOptions> = {};
  const name = ini.get('session.name');
  if (name !== undefined) cookie.name = name;
  const lifetime = ini.get('session.cookie_lifetime');
  if (lifetime !== undefined) cookie.lifetime = Math.min(lifetime, MAX_LIFETIME);
  const path = ini.get('session.cookie_path');
  if (path) cookie.path = path;
  const domain = ini.get('session.cookie_domain');
  if (domain) cookie.domain = domain;
  if (ini.get('session.cookie_secure')) cookie.secure = true;
  const httpOnly = ini.get('session.cookie_httponly');
  if (httpOnly !== undefined) cookie.httpOnly = httpOnly;
  const sameSite = ini.get('session.cookie_samesite');
  if (sameSite) cookie.sameSite = sameSite;
  if (ini.get('session.cookie_partitioned')) cookie.partitioned = true;
  return cookie;
}

/** Ids in links and forms need a store on the server; PHP's always is one. */
function idOf(ini: Given, onServer: boolean): IdOptions {
  const only = ini.get('session.use_only_cookies') ?? true;
  const referer = ini.get('session.referer_check');
  return {
    ...(!only && onServer && { sources: ['cookie', 'query', 'body'] }),
    ...(referer && { refererCheck: { origins: [referer], match: 'substring' } }),
  };
}

function sessionOf(ini: Given): SessionOptions {
  const idleTimeout = ini.get('session.gc_maxlifetime');
  return {
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(ini.get('session.auto_start') && { load: 'eager' }),
  };
}

function cacheOf(ini: Given): CacheOptions {
  const limiter = ini.get('session.cache_limiter');
  const expire = ini.get('session.cache_expire');
  return { ...(limiter !== undefined && { limiter }), ...(expire !== undefined && { expire }) };
}

function pruneOf(ini: Given): PruneOptions {
  const probability = ini.get('session.gc_probability');
  const divisor = ini.get('session.gc_divisor');
  return { ...(probability !== undefined && { probability }), ...(divisor !== undefined && { divisor }) };
}

function storeOf(ini: Given): SessionCryptoOptions['store'] {
  const savePath = ini.get('session.save_path');
  if (!savePath?.path) return undefined;
  const { path, depth, mode } = savePath;
  return fileStore({ path, ...(depth && { depth }), mode });
}

/** What is switched on and not there would be missed in silence. */
function refuseWhatIsNotThere(ini: Given): void {
  const faults: ConfigFault[] = [];
  const refuse = (name: SettingName, why: string) =>
    faults.push({ path: ini.at(name), message: `${name} ${why}` });
  if (ini.get('session.use_trans_sid')) refuse('session.use_trans_sid', 'is not offered yet; take it out');
  if (ini.get('session.save_handler') === 'redis')
    refuse('session.save_handler', 'redis is not offered yet; take it out and set store');
  if (ini.get('session.use_cookies') === false)
    refuse('session.use_cookies', 'off needs ids in rewritten pages, which are not offered yet; take it out');
  if (ini.get('session.use_only_cookies') === false && !storeOf(ini))
    refuse(
      'session.use_only_cookies',
      'off needs sessions on the server; set session.save_path, or take it out',
    );
  if (faults.length) throw new SessionConfigError(faults);
}

/** Settings that are weaker in PHP than what is done here in any case. */
function strongerHere(ini: Given): PhpFinding[] {
  const findings: PhpFinding[] = [];
  const say = (name: SettingName, message: string) =>
    findings.push({ at: ini.at(name), message: `${name}: ${message}` });
  if (ini.get('session.use_strict_mode') === false)
    say('session.use_strict_mode', 'here it is always on: no id is taken that was not made here');
  if (ini.get('session.cookie_secure') === false)
    say(
      'session.cookie_secure',
      "here it is 'auto', on wherever the connection is; cookie.secure: false switches it off",
    );
  if (ini.get('session.sid_length') !== undefined || ini.get('session.sid_bits_per_character') !== undefined)
    say('session.sid_length', 'already stronger here: ids have 256 random bits');
  if (ini.get('session.serialize_handler') !== undefined)
    say('session.serialize_handler', 'of no use here: stored sessions are sealed, and PHP can not read them');
  if (ini.get('session.lazy_write') === false)
    say('session.lazy_write', 'of no use here: what did not change is never written');
  return findings;
}
