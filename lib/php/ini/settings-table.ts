import { ALWAYS_ON, DEPRECATED, DIFFERENCES, LATER_DEFAULTS, NOT_OFFERED, SINCE } from './setting-facts.js';
import type { SettingType } from './setting-values.interface.js';
import { isSince, type PhpVersion } from './php-version.js';

/** The largest number that the reader accepts: a signed integer of 32 bits. */
const MAX = 2_147_483_647;
/** The range of a flag. */
const FLAG = 'on or off';

/** Name, type, compiled default of 8.2, range, option of this package, value that PHP's manual recommends for security. */
type Row = readonly [string, SettingType, string, string | readonly [number, number], string, string];

// prettier-ignore
const COOKIE = [
  ['session.name', 'name', 'PHPSESSID', 'a token that is not a number', '`cookie.name`', ''],
  ['session.cookie_lifetime', 'quantity', '0', [0, MAX], '`cookie.lifetime`', '0'],
  ['session.cookie_path', 'path', '/', 'begins with `/`, or empty', '`cookie.path`', ''],
  ['session.cookie_domain', 'domain', '', 'a domain, or empty', '`cookie.domain`', ''],
  ['session.cookie_secure', 'flag', '0', FLAG, '`cookie.secure`', '1'],
  ['session.cookie_httponly', 'flag', '0', FLAG, '`cookie.httpOnly`', '1'],
  ['session.cookie_samesite', 'sameSite', '', 'Strict, Lax, None, or empty', '`cookie.sameSite`', 'Strict or Lax'],
  ['session.cookie_partitioned', 'flag', '0', FLAG, '`cookie.partitioned`', ''],
] as const satisfies readonly Row[];

// prettier-ignore
const ID = [
  ['session.use_cookies', 'flag', '1', FLAG, '`id.sources`', '1'],
  ['session.use_only_cookies', 'flag', '1', FLAG, '`id.sources`', '1'],
  ['session.use_strict_mode', 'flag', '0', FLAG, ALWAYS_ON, '1'],
  ['session.sid_length', 'digits', '32', [22, 256], '`id.length`', '48'],
  ['session.sid_bits_per_character', 'digits', '4', [4, 6], '`id.bitsPerCharacter`', '6'],
] as const satisfies readonly Row[];

// prettier-ignore
const STORE = [
  ['session.gc_maxlifetime', 'quantity', '1440', [1, MAX], '`session.idleTimeout`', 'as small as possible'],
  ['session.gc_probability', 'quantity', '1', [0, MAX], '`prune.probability`', '0 and a timer'],
  ['session.gc_divisor', 'quantity', '100', [1, MAX], '`prune.divisor`', ''],
  ['session.save_handler', 'handler', 'files', 'files, redis', '`store`', ''],
  ['session.save_path', 'savePath', '', '`[N;[MODE;]]/path`', '`fileStore({ path, depth, mode })`', 'a folder that others cannot read'],
  ['session.serialize_handler', 'serializer', 'php', 'php, php_serialize, php_binary', '`fileStore({ sharedUnsealed: { serializer } })`', ''],
  ['session.lazy_write', 'flag', '1', FLAG, ALWAYS_ON, ''],
  ['session.auto_start', 'flag', '0', FLAG, "`session.load`: 'eager'", ''],
] as const satisfies readonly Row[];

// prettier-ignore
const CACHE = [
  ['session.cache_limiter', 'limiter', 'nocache', 'nocache, private, private_no_expire, public, or empty', '`cache.limiter`, `cache.phpHeaders`', 'nocache'],
  ['session.cache_expire', 'quantity', '180', [0, MAX], '`cache.expire`', ''],
] as const satisfies readonly Row[];

// prettier-ignore
const URLS = [
  ['session.use_trans_sid', 'flag', '0', FLAG, '`id.transSid`', '0'],
  ['session.trans_sid_tags', 'tags', 'a=href,area=href,frame=src,form=', '`tag=attribute`, with commas', '`id.transSid.tags`', ''],
  ['session.trans_sid_hosts', 'hosts', '', 'hosts, with commas', '`id.transSid.hosts`', ''],
  ['session.referer_check', 'text', '', 'any text', '`id.refererCheck.origins`', ''],
  ['arg_separator.output', 'separator', '&', 'not empty', '', ''],
  ['url_rewriter.tags', 'tags', 'form=', '`tag=attribute`, with commas', '', ''],
  ['url_rewriter.hosts', 'hosts', '', 'hosts, with commas', '', ''],
] as const satisfies readonly Row[];

// prettier-ignore
const UPLOAD = [
  ['session.upload_progress.enabled', 'flag', '1', FLAG, '`uploadProgress`', ''],
  ['session.upload_progress.cleanup', 'flag', '1', FLAG, '`uploadProgress.cleanup`', ''],
  ['session.upload_progress.prefix', 'text', 'upload_progress_', 'any text', '`uploadProgress.prefix`', ''],
  ['session.upload_progress.name', 'text', 'PHP_SESSION_UPLOAD_PROGRESS', 'any text', '`uploadProgress.name`', ''],
  ['session.upload_progress.freq', 'frequency', '1%', 'bytes, or 0% to 100%', '`uploadProgress.freq`', ''],
  ['session.upload_progress.min_freq', 'decimal', '1', 'seconds, from 0', '`uploadProgress.minFreq`', ''],
] as const satisfies readonly Row[];

const ROWS = [...COOKIE, ...ID, ...STORE, ...CACHE, ...URLS, ...UPLOAD] as const;

/** The name of the type of each setting. */
export type SettingTypes = { readonly [R in (typeof ROWS)[number] as R[0]]: R[1] };
/** The name of a setting, such as `session.name`. */
export type SettingName = keyof SettingTypes;

/** One row of {@link PHP_SETTINGS}. */
export interface PhpSetting {
  readonly name: SettingName;
  readonly type: SettingType;
  /** The compiled defaults as text: that of 8.2, and those of later versions that differ. */
  readonly defaults: Readonly<Partial<Record<PhpVersion, string>> & { '8.2': string }>;
  /** The least and the largest number, or the allowed texts as Markdown. */
  readonly range: string | readonly [number, number];
  /** The option of `forRoot` that has the same meaning, as Markdown. `always on` if this package always does what the setting switches
   *  on. Empty if there is nothing of the kind. */
  readonly option: string;
  /** True if that option exists, or what it stands for is always on. */
  readonly offered: boolean;
  /** The value that PHP's manual recommends for security. Empty if it recommends none. */
  readonly hardened: string;
  /** The first version that has the setting. Absent if all known versions have it. */
  readonly since?: PhpVersion;
  /** The version since which another value than the default is deprecated. */
  readonly deprecated?: PhpVersion;
  /** The difference between PHP and this package, as Markdown. Empty if there is none. */
  readonly difference: string;
}

/** Every session setting of PHP. The reader works by this table, and `docs/php.md` shows it. Facts that only a few settings
 *  have are in setting-facts.ts. */
export const PHP_SETTINGS: readonly PhpSetting[] = ROWS.map(
  ([name, type, start, range, option, hardened]) => ({
    name,
    type,
    defaults: { '8.2': start, ...LATER_DEFAULTS[name] },
    range,
    option,
    offered: option !== '' && !NOT_OFFERED.test(option),
    hardened,
    ...(SINCE[name] && { since: SINCE[name] }),
    ...(DEPRECATED[name] && { deprecated: DEPRECATED[name] }),
    difference: DIFFERENCES[name] ?? '',
  }),
);

/** Returns the compiled default of a version, as text. */
export function defaultOf({ defaults }: PhpSetting, version: PhpVersion): string {
  const later = Object.entries(defaults).filter(([since]) => isSince(version, since as PhpVersion));
  return later.at(-1)![1];
}
