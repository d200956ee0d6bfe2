import type { Entry } from './entry.interface.js';
import type { PhpSettings, Setting } from './model.interface.js';
import { Notes } from './notes.js';
import { isSince, type PhpVersion } from './php-version.js';
import { defaultOf, PHP_SETTINGS, type PhpSetting } from './settings-table.js';
import { readValue } from './values.js';

const NOWHERE = { at: '', order: 0 };

/** Every setting: read where it was given, else the compiled default of the version. */
export function readSettings(
  entries: ReadonlyMap<string, Entry>,
  version: PhpVersion,
  notes: Notes,
): PhpSettings {
  const settings = PHP_SETTINGS.map((row) => {
    const entry = entries.get(row.name);
    const setting =
      row.type === 'savePath' && !inFiles(entries)
        ? { value: undefined, given: entry !== undefined, at: entry?.place.at }
        : settingOf(entry, row, version, notes);
    return [row.name, Object.freeze(setting)] as const;
  });
  return Object.freeze(Object.fromEntries(settings)) as PhpSettings;
}

/** Other handlers read their save_path as something else. */
const inFiles = (entries: ReadonlyMap<string, Entry>) =>
  (entries.get('session.save_handler')?.text.toLowerCase() ?? 'files') === 'files';

function settingOf(
  entry: Entry | undefined,
  row: PhpSetting,
  version: PhpVersion,
  notes: Notes,
): Setting<unknown> {
  if (!entry || entry.problem) {
    const text = defaultOf(row, version);
    const value = readValue({ name: row.name, text, shown: text, place: NOWHERE }, new Notes(), row);
    return { value, given: false, at: undefined };
  }
  if (row.since && !isSince(version, row.since))
    notes.fault(
      entry.place,
      `${row.name} is known to PHP from ${row.since} on; take it out, or set version: '${row.since}'`,
    );
  return { value: readValue(entry, notes, row), given: true, at: entry.place.at };
}
