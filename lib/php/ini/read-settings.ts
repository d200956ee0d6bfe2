import { Diagnostics } from './diagnostics.js';
import type { Entry } from './entry.interface.js';
import type { PhpSettings, Setting } from './php-ini.interface.js';
import { isSince, type PhpVersion } from './php-version.js';
import { readValue } from './read-value.js';
import { SettingText } from './setting-text.js';
import { defaultOf, PHP_SETTINGS, type PhpSetting } from './settings-table.js';

/** The place of defaults. Nothing is ever reported there, because they can all be read. */
const NOWHERE = { at: '', order: 0 };

/** Returns every setting: the value of its entry, or the compiled default of the version. Adds a fault for each value
 *  that cannot be read. */
export function readSettings(
  entries: ReadonlyMap<string, Entry>,
  version: PhpVersion,
  diagnostics: Diagnostics,
): PhpSettings {
  const settings = PHP_SETTINGS.map((row) => {
    const entry = entries.get(row.name);
    const setting =
      row.type === 'savePath' && !isHandlerFiles(entries)
        ? { value: undefined, given: entry !== undefined, at: entry?.place.at }
        : settingOf(entry, row, version, diagnostics);
    return [row.name, Object.freeze(setting)] as const;
  });
  return Object.freeze(Object.fromEntries(settings)) as PhpSettings;
}

/** PHP's scanner also turns words such as `Off` into an empty text. */
const isEmpty = ({ text, word }: Entry): boolean => !text && !word;

/** Other handlers give session.save_path another meaning, so that it is not read for them. */
const isHandlerFiles = (entries: ReadonlyMap<string, Entry>) =>
  (entries.get('session.save_handler')?.text.toLowerCase() ?? 'files') === 'files';

/** Returns one setting. An entry with a problem gives the default, because its fault was added when it was scanned. */
function settingOf(
  entry: Entry | undefined,
  row: PhpSetting,
  version: PhpVersion,
  diagnostics: Diagnostics,
): Setting<unknown> {
  if (!entry || entry.problem) return { value: defaultValue(row, version), given: false, at: undefined };
  if (row.since && !isSince(version, row.since))
    diagnostics.addFault(
      entry.place,
      `${row.name} exists since PHP ${row.since}, but the version is ${version}; remove the line, or set version: '${row.since}'`,
    );
  const value = readValue(new SettingText(entry, row, diagnostics));
  return { value, given: true, at: entry.place.at, ...(isEmpty(entry) && { empty: true }) };
}

function defaultValue(row: PhpSetting, version: PhpVersion): unknown {
  const text = defaultOf(row, version);
  const entry = { name: row.name, text, shown: text, place: NOWHERE };
  return readValue(new SettingText(entry, row, new Diagnostics()));
}
