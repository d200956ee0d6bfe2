import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { MAX_COOKIE_LIFETIME } from '../http/cookie-syntax.js';
import type { CacheOptions, PruneOptions } from '../options/cache-options.interface.js';
import type { CookieOptions } from '../options/cookie-options.interface.js';
import type { IdOptions, TransSidOptions } from '../options/id-options.interface.js';
import type { SessionCryptoOptions } from '../options/options.interface.js';
import type { SessionOptions } from '../options/session-options.interface.js';
import { fileStore } from './file-store.js';
import { readPhpIni, type PhpIniOptions } from './ini/read-php-ini.js';
import type { PhpFinding, PhpSettings } from './ini/model.interface.js';
import type { SettingName } from './ini/settings-table.js';

export interface FromPhpIniOptions extends PhpIniOptions {
  /** PHP seals nothing, so that its settings know no secrets: those of `crypto.secrets`. */
  readonly secrets: SessionCryptoOptions['crypto']['secrets'];
  /** PHP goes on with the same sessions: they stay in its files, unsealed, where both sides read and write them. What
   *  that gives up is in docs/php.md. @default false: sessions are sealed, and PHP cannot read them */
  readonly sharedUnsealed?: boolean;
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
  { secrets, sharedUnsealed = false, onFinding, ...reading }: FromPhpIniOptions,
): SessionCryptoOptions {
  const { settings, findings } = readPhpIni(source, reading);
  const reader = new Given(settings, sharedUnsealed);
  refuseWhatIsNotThere(reader);
  for (const finding of [...findings, ...otherHere(reader)]) onFinding?.(finding);
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
  constructor(
    readonly settings: PhpSettings,
    /** PHP goes on with the same sessions. */
    readonly shared: boolean,
  ) {}

  get<N extends SettingName>(name: N): PhpSettings[N]['value'] | undefined {
    const { value, given } = this.settings[name];
    return given ? value : undefined;
  }

  at(name: SettingName): string {
    return this.settings[name].at ?? name;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function cookieOf(ini: Given): CookieOptions {
  const cookie: Writable<CookieOptions> = {};
  const name = ini.get('session.name');
  if (name !== undefined) cookie.name = name;
  const lifetime = ini.get('session.cookie_lifetime');
  if (lifetime !== undefined) cookie.lifetime = Math.min(lifetime, MAX_COOKIE_LIFETIME);
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

/** Ids in links and forms need a store on the server; PHP's always is one. Without cookies a new id is told in the
 *  header, as PHP tells it in its constant SID. */
function idOf(ini: Given, onServer: boolean): IdOptions {
  const only = ini.get('session.use_only_cookies') ?? true;
  const first = ini.get('session.use_cookies') === false ? 'header' : 'cookie';
  const referer = ini.get('session.referer_check');
  const length = ini.get('session.sid_length');
  const bitsPerCharacter = ini.get('session.sid_bits_per_character') as IdOptions['bitsPerCharacter'];
  return {
    ...(ini.shared && length && { length }),
    ...(ini.shared && bitsPerCharacter && { bitsPerCharacter }),
    ...(!only && onServer && { sources: [first, 'query', 'body'] }),
    ...(!only && onServer && ini.get('session.use_trans_sid') && { transSid: transSidOf(ini) }),
    ...(referer && { refererCheck: { origins: [referer], match: 'substring' } }),
  };
}

function transSidOf(ini: Given): TransSidOptions {
  const tags = ini.get('session.trans_sid_tags');
  const hosts = ini.get('session.trans_sid_hosts');
  return { ...(tags && { tags: Object.fromEntries(tags) }), ...(hosts && { hosts }) };
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
  if (!ini.shared) return fileStore({ path, ...(depth && { depth }), mode });
  const serializer = ini.settings['session.serialize_handler'].value;
  return fileStore({ path, depth, mode, sharedUnsealed: { serializer } });
}

/** What is switched on and not there would be missed in silence. */
function refuseWhatIsNotThere(ini: Given): void {
  const faults: ConfigFault[] = [];
  const refuse = (name: SettingName, why: string) =>
    faults.push({ path: ini.at(name), message: ini.at(name) === name ? why : `${name} ${why}` });
  if (ini.get('session.save_handler') === 'redis')
    refuse('session.save_handler', 'redis is not offered yet; take it out and set store');
  if (ini.get('session.use_only_cookies') === false && !storeOf(ini))
    refuse(
      'session.use_only_cookies',
      'off needs sessions on the server; set session.save_path, or take it out',
    );
  if (ini.shared && !storeOf(ini))
    refuse(
      'session.save_path',
      "is not set, and names the folder that is shared; add session.save_path (Debian's is /var/lib/php/sessions), or pass ini_get_all's JSON",
    );
  if (faults.length) throw new SessionConfigError(faults);
}

/** Settings that mean something else here, most of them because it is stronger in any case. */
function otherHere(ini: Given): PhpFinding[] {
  const findings: PhpFinding[] = [];
  const say = (name: SettingName, message: string) =>
    findings.push({ at: ini.at(name), message: `${name}: ${message}` });
  if (ini.get('session.use_strict_mode') === false && !ini.shared)
    say('session.use_strict_mode', 'here it is always on: no id is taken that was not made here');
  if (ini.get('session.cookie_secure') === false)
    say(
      'session.cookie_secure',
      "here it is 'auto', on wherever the connection is; cookie.secure: false switches it off",
    );
  if (ini.shared) sayShared(ini, say);
  else saySealed(ini, say);
  if (!['&', '&amp;'].includes(ini.get('arg_separator.output') ?? '&'))
    say('arg_separator.output', 'of no use here: parameters are separated by &');
  if (ini.get('session.lazy_write') === false)
    say('session.lazy_write', 'of no use here: what did not change is never written');
  return findings;
}

const NO_PATH =
  'is not set, so PHP uses its built-in folder; here sessions go into the cookie (2.9 KB, no revocation); give store: fileStore({ path })';

type Say = (name: SettingName, message: string) => void;

function sayShared(ini: Given, say: Say): void {
  say('session.save_handler', 'the files of PHP, unsealed, so that both sides read and write them');
  if (ini.get('session.use_strict_mode') !== true)
    say('session.use_strict_mode', 'switch it on: else PHP takes ids again that were left or ended here');
}

function saySealed(ini: Given, say: Say): void {
  if (storeOf(ini))
    say(
      'session.save_handler',
      'here sessions are sealed in files of our own, which PHP cannot read; with sharedUnsealed: true its own are shared',
    );
  else
    say('session.save_path', NO_PATH + (ini.get('session.save_path') ? '' : ", or pass ini_get_all's JSON"));
  const idSetting = (['session.sid_length', 'session.sid_bits_per_character'] as const).find(
    (name) => ini.get(name) !== undefined,
  );
  if (idSetting) say(idSetting, 'already stronger here: ids have 256 random bits');
  if (ini.get('session.serialize_handler') !== undefined)
    say('session.serialize_handler', 'of no use here: sessions are sealed, and PHP cannot read them');
}
