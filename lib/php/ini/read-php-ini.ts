import { checkNames, type OptionNames } from '../../errors/check-names.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { nearestName } from '../../errors/nearest-name.js';
import { SettingsCheck } from './check-settings.js';
import { Diagnostics, quote, type Place } from './diagnostics.js';
import type { Entry } from './entry.interface.js';
import { entriesOfObject } from './ini-get-all.js';
import { IniScanner } from './ini-scanner.js';
import type { PhpIni, PhpSettings } from './php-ini.interface.js';
import { PHP_VERSIONS, type PhpVersion } from './php-version.js';
import { readSettings } from './read-settings.js';
import { REMOVED_SETTINGS, dropRemoved } from './removed-settings.js';
import { PHP_SETTINGS } from './settings-table.js';

/** Options of the reader of php.ini. */
export interface PhpIniOptions {
  /** The version of PHP whose rules and compiled defaults are used. @default '8.2' */
  readonly version?: PhpVersion;
  /** The environment for `${NAME}`. A directive on an earlier line comes first, as in PHP. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The names of {@link PhpIniOptions}. */
export const NAMES_OF_OPTIONS: OptionNames<PhpIniOptions> = { version: true, env: true };

const NAMES: readonly string[] = PHP_SETTINGS.map(({ name }) => name);
/** The names of all settings, with those that PHP has removed. */
const KNOWN = new Set([...NAMES, ...REMOVED_SETTINGS.map(({ name }) => name)]);
/** The settings of php-redis that matter for sessions in Redis. */
const REDIS_NAMES = {
  /** Makes PHP lock its sessions. */
  locking: 'redis.session.locking_enabled',
  /** Makes PHP ask whether it still has its lock before it writes. */
  lockExpire: 'redis.session.lock_expire',
  /** Makes PHP compress what it writes. */
  compression: 'redis.session.compression',
} as const;
const KNOWN_IN_REDIS: ReadonlySet<string> = new Set(Object.values(REDIS_NAMES));
/** The number of unknown names for which the nearest known one is searched, because the search costs more than reading. */
const MAX_PROPOSALS = 20;

/** Reads PHP's session settings from the text of a php.ini, or from the result of `ini_get_all('session')`, as JSON or
 *  as an object, with or without details. Skips the directives of other extensions. Opens no file and runs nothing.
 *  @throws {SessionConfigError} with all faults, each at `php.ini line N` or at the name of the setting. */
export function readPhpIni(source: string | object, options: PhpIniOptions = {}): PhpIni {
  checkNames('readPhpIni()', options, NAMES_OF_OPTIONS);
  const { version, settings, diagnostics } = examinePhpIni(source, options);
  diagnostics.throwFaults();
  return Object.freeze({ version, settings, findings: Object.freeze(diagnostics.sortedFindings()) });
}

/** The entries of a source that concern the handler redis. */
export interface RedisEntries extends Readonly<
  Record<'savePath' | keyof typeof REDIS_NAMES, Entry | undefined>
> {
  /** Those that are valid for one host or path only. */
  readonly partly: readonly Entry[];
}

/** What a source says, with its faults and findings. A setting that could not be read has no value. */
export interface ExaminedIni {
  readonly version: PhpVersion;
  readonly settings: PhpSettings;
  /** The places of the settings that the source sets. */
  readonly places: ReadonlyMap<string, Place>;
  readonly diagnostics: Diagnostics;
  /** What the source says of php-redis, not read yet: a path may hold a password. */
  readonly redis: RedisEntries;
}

/** Reads as {@link readPhpIni} does, for a caller that adds faults of its own to the list. */
export function examinePhpIni(source: string | object, options: PhpIniOptions): ExaminedIni {
  const { version = '8.2', env = {} } = options;
  checkArguments(source, version);
  const diagnostics = new Diagnostics();
  const all = entriesOf(source, env, version, diagnostics);
  const entries = lastOfEach(
    all.filter(({ section }) => section === undefined),
    diagnostics,
  );
  dropRemoved(entries, diagnostics);
  useRewriterTags(entries, diagnostics);
  const settings = readSettings(entries, version, diagnostics);
  const defaults = readSettings(new Map(), version, diagnostics);
  const places = new Map([...entries].map(([name, { place }]) => [name, place]));
  new SettingsCheck(settings, defaults, places, diagnostics).run(version);
  const redis = {
    savePath: entries.get('session.save_path'),
    locking: entries.get(REDIS_NAMES.locking),
    lockExpire: entries.get(REDIS_NAMES.lockExpire),
    compression: entries.get(REDIS_NAMES.compression),
    partly: all.filter(({ name, section }) => section !== undefined && KNOWN_IN_REDIS.has(name)),
  };
  return { version, settings, places, diagnostics, redis };
}

/** Throws a SessionConfigError for arguments that TypeScript would refuse, because plain JavaScript can pass them. */
function checkArguments(source: unknown, version: unknown): void {
  const faults: ConfigFault[] = [];
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null || Array.isArray(source)))
    faults.push({
      path: 'php.ini',
      message: `is ${kindOf(source)}; allowed: the text of a php.ini, or the result of ini_get_all("session") as JSON or as an object`,
    });
  if (!PHP_VERSIONS.includes(version as PhpVersion))
    faults.push({
      path: 'version',
      message: `is ${typeof version === 'string' ? quote(version) : kindOf(version)}; allowed: ${PHP_VERSIONS.join(', ')}; write the one that is nearest to your PHP`,
    });
  if (faults.length) throw new SessionConfigError(faults);
}

/** Tells a php.ini from JSON by its first character and returns its entries. */
function entriesOf(
  source: string | object,
  env: Readonly<Record<string, string | undefined>>,
  version: PhpVersion,
  diagnostics: Diagnostics,
): readonly Entry[] {
  if (typeof source !== 'string') return entriesOfObject(source, diagnostics);
  if (!/^\uFEFF?\s*\{/.test(source)) return new IniScanner(source, env, version, diagnostics).scan();
  return entriesOfObject(jsonOf(source), diagnostics);
}

/** Parses a source that begins with a brace, as no php.ini does. `[]`, which PHP prints for an extension that it does not
 *  have, needs no parser: it is an empty section of a php.ini. */
function jsonOf(source: string): object {
  try {
    return JSON.parse(source.replace(/^\uFEFF/, '')) as object;
  } catch {
    const message = `begins with { but is not valid JSON; write the output of php -r 'echo json_encode(ini_get_all("session", false));'`;
    throw new SessionConfigError([{ path: 'php.ini', message }]);
  }
}

/** Returns the entries of the known settings by name. Where a name comes twice, the last one counts, as in PHP. */
function lastOfEach(all: readonly Entry[], diagnostics: Diagnostics): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let proposals = MAX_PROPOSALS;
  for (const entry of all) {
    const { name, place, problem } = entry;
    const before = entries.get(name);
    if (before)
      diagnostics.addFinding(
        place,
        `${name} replaces the value at ${before.place.at}; remove one of the two`,
      );
    if (KNOWN.has(name) || KNOWN_IN_REDIS.has(name)) entries.set(name, entry);
    else if (/^session\./i.test(name)) diagnostics.addFault(place, unknownSetting(name, proposals-- > 0));
    if (KNOWN.has(name) && problem) diagnostics.addFault(place, `${name} ${problem}`);
  }
  return entries;
}

function unknownSetting(name: string, propose: boolean): string {
  const nearest = propose && nearestName(name.slice(0, 60), NAMES);
  const remedy = nearest ? `write ${nearest} if you meant that` : 'remove the line';
  return `${quote(name)} is unknown, and PHP ignores it; ${remedy}`;
}

/** Uses `url_rewriter.tags` for sessions if the setting of today is not set, because it was about sessions before
 *  PHP 7.1. */
function useRewriterTags(entries: Map<string, Entry>, diagnostics: Diagnostics): void {
  const older = entries.get('url_rewriter.tags');
  if (!older || entries.has('session.trans_sid_tags')) return;
  entries.set('session.trans_sid_tags', older);
  diagnostics.addFinding(
    older.place,
    'url_rewriter.tags is read as session.trans_sid_tags, as in PHP before 7.1; later versions use the default there, so write session.trans_sid_tags',
  );
}
