import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { nearestName } from '../../options/nearest-name.js';
import { SettingsCheck } from './check-settings.js';
import type { Entry } from './entry.interface.js';
import { entriesOfObject } from './ini-get-all.js';
import { IniScanner } from './ini-scanner.js';
import type { PhpIni } from './model.interface.js';
import { Notes, say } from './notes.js';
import { PHP_VERSIONS, type PhpVersion } from './php-version.js';
import { readSettings } from './read-settings.js';
import { REMOVED_SETTINGS, replaceRemoved } from './removed-settings.js';
import { PHP_SETTINGS } from './settings-table.js';

export interface PhpIniOptions {
  /** Whose rules and compiled defaults hold. @default '8.2' */
  readonly version?: PhpVersion;
  /** Asked for `${NAME}` after the directives that stand above. @default none */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const NAMES: readonly string[] = PHP_SETTINGS.map(({ name }) => name);
const KNOWN = new Set([...NAMES, ...REMOVED_SETTINGS.map(({ name }) => name)]);
/** Unknown names that get a proposal; it costs more than reading them. */
const MAX_PROPOSALS = 20;

/** PHP's session settings, from an excerpt of a php.ini or from what `ini_get_all('session')` gives, as JSON or as an
 *  object, with details or without. Other extensions' directives are skipped. Nothing is opened and nothing is run.
 *  @throws {SessionConfigError} with all faults, each at `php.ini line N` or at the name of the setting. */
export function readPhpIni(source: string | object, options: PhpIniOptions = {}): PhpIni {
  const { version = '8.2', env = {} } = options;
  checkArguments(source, version);
  const notes = new Notes();
  const entries = lastOfEach(entriesOf(source, env, version, notes), notes);
  replaceRemoved(entries, notes);
  takeOlderTags(entries, notes);
  const settings = readSettings(entries, version, notes);
  const places = new Map([...entries].map(([name, { place }]) => [name, place]));
  new SettingsCheck(settings, readSettings(new Map(), version, notes), places, notes).all(version);
  notes.end();
  return Object.freeze({ version, settings, findings: Object.freeze(notes.findings()) });
}

function checkArguments(source: unknown, version: PhpVersion): void {
  const faults = [];
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null || Array.isArray(source)))
    faults.push({
      path: 'php.ini',
      message: `is ${kindOf(source)}; allowed are a text, and what ini_get_all gives`,
    });
  if (!PHP_VERSIONS.includes(version))
    faults.push({ path: 'version', message: `is not known; allowed are ${PHP_VERSIONS.join(', ')}` });
  if (faults.length) throw new SessionConfigError(faults);
}

function entriesOf(
  source: string | object,
  env: Readonly<Record<string, string | undefined>>,
  version: PhpVersion,
  notes: Notes,
): readonly Entry[] {
  if (typeof source !== 'string') return entriesOfObject(source, notes);
  if (!/^\uFEFF?\s*\{/.test(source)) return new IniScanner(source, env, version, notes).scan();
  return entriesOfObject(jsonOf(source), notes);
}

/** No php.ini begins with a brace, and `[]`, what there is of no extension, is an empty section of one. */
function jsonOf(source: string): object {
  try {
    return JSON.parse(source.replace(/^\uFEFF/, '')) as object;
  } catch {
    const message = 'begins with { and is no JSON; write what json_encode(ini_get_all()) gives';
    throw new SessionConfigError([{ path: 'php.ini', message }]);
  }
}

/** What is ours, by name. A name that comes twice has its last value, as in PHP. */
function lastOfEach(all: readonly Entry[], notes: Notes): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let proposals = MAX_PROPOSALS;
  for (const entry of all) {
    const { name, place, problem } = entry;
    const before = entries.get(name);
    if (before) notes.finding(place, `${name} was set before, at ${before.place.at}; this one counts`);
    if (KNOWN.has(name)) entries.set(name, entry);
    else if (/^session\./i.test(name)) notes.fault(place, unknown(name, proposals-- > 0));
    if (KNOWN.has(name) && problem) notes.fault(place, `${name} ${problem}`);
  }
  return entries;
}

function unknown(name: string, propose: boolean): string {
  const near = propose && nearestName(name.slice(0, 60), NAMES);
  return `${say(name)} is unknown, and PHP ignores it${near ? `; is ${near} meant?` : ''}`;
}

/** Before PHP 7.1 `url_rewriter.tags` was about sessions. */
function takeOlderTags(entries: Map<string, Entry>, notes: Notes): void {
  const older = entries.get('url_rewriter.tags');
  if (!older || entries.has('session.trans_sid_tags')) return;
  entries.set('session.trans_sid_tags', older);
  notes.finding(
    older.place,
    'url_rewriter.tags is taken for session.trans_sid_tags, as before PHP 7.1; later versions take the default there',
  );
}
