import { DIRECTIVES } from './directive-table.js';
import type { EffectiveConfig, SettingLines, Settings } from './model.interface.js';
import type { Reading } from './reading.js';
import type { Section, Written } from './sections.js';
import { readValue } from './values.js';

/** What one section sets by itself. */
export interface Layer {
  readonly line: number;
  readonly settings: Partial<Settings>;
  readonly lines: SettingLines;
  /** It has a directive of mod_session_dbd, and so begins from the default labels. */
  readonly restarts: boolean;
}

/** httpd's defaults. */
export const DEFAULTS: Settings = {
  enabled: false,
  maxAge: 0,
  updateInterval: 0,
  header: undefined,
  env: false,
  includes: [],
  excludes: [],
  cookie: undefined,
  cookie2: undefined,
  cookieRemove: false,
  cookieMaxAge: true,
  dbdCookie: undefined,
  dbdCookie2: undefined,
  dbdCookieRemove: true,
  dbdPerUser: false,
  selectLabel: 'selectsession',
  insertLabel: 'insertsession',
  updateLabel: 'updatesession',
  deleteLabel: 'deletesession',
  passphrases: [],
  cipher: 'aes256',
  authName: undefined,
  authType: undefined,
  sitePassphrase: false,
};

type Key = keyof Settings;
const keysMerged = (how: string): Key[] =>
  DIRECTIVES.flatMap(({ merge, key }) => (merge === how && key ? [key] : []));
const APPENDED = keysMerged('appended');
const RESTARTING = keysMerged('restarts');
/** Several lines in one section add up. */
const ADDING = new Set<Key>([...APPENDED, ...keysMerged('list replaced')]);

/** Reads the settings of one section. */
export function layerOf(section: Section, reading: Reading): Layer {
  const settings: Record<string, unknown> = {};
  const lines: Partial<Record<Key, number>> = {};
  for (const written of section.directives.filter(({ row }) => row?.key)) {
    const key = written.row!.key!;
    const value = readValue(written, reading);
    if (lines[key] && !ADDING.has(key)) sayTwice(written, lines[key], reading);
    if (value !== undefined)
      settings[key] = ADDING.has(key) ? [...((settings[key] ?? []) as []), ...(value as [])] : value;
    lines[key] = ADDING.has(key) ? (lines[key] ?? written.line) : written.line;
  }
  const restarts = section.directives.some(({ row }) => row?.module === 'mod_session_dbd');
  return { line: section.line, settings, lines, restarts };
}

function sayTwice({ row, line }: Written, before: number, { notes }: Reading): void {
  notes.finding(line, `${row!.name} stands in line ${before} of the same section too; the last one counts`);
}

/** Merges outer to inner, as each module's merge function does. */
export function merge(layers: readonly Layer[]): EffectiveConfig {
  let settings = DEFAULTS;
  let lines: SettingLines = {};
  for (const layer of layers) {
    if (layer.restarts) ({ settings, lines } = restarted(settings, lines));
    settings = { ...settings, ...layer.settings, ...appended(settings, layer.settings) };
    lines = { ...lines, ...innerLines(layer.lines, lines) };
  }
  return Object.freeze({ ...settings, lines: Object.freeze(lines) });
}

function appended(outer: Settings, inner: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(
    APPENDED.map((key) => [key, [...(outer[key] as []), ...((inner[key] ?? []) as [])]]),
  );
}

/** The line that counts: of a list that grows, the first. */
function innerLines(inner: SettingLines, outer: SettingLines): SettingLines {
  return Object.fromEntries(
    (Object.entries(inner) as [Key, number][]).filter(([key]) => !(APPENDED.includes(key) && outer[key])),
  );
}

function restarted(settings: Settings, lines: SettingLines): { settings: Settings; lines: SettingLines } {
  const fresh = Object.fromEntries(RESTARTING.map((key) => [key, DEFAULTS[key]]));
  const kept = Object.fromEntries(Object.entries(lines).filter(([key]) => !RESTARTING.includes(key as Key)));
  return { settings: { ...settings, ...fresh }, lines: kept };
}
