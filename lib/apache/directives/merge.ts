import { DIRECTIVES } from './directive-table.js';
import type { EffectiveConfig, SettingLines, Settings } from './model.interface.js';
import type { DirectiveLine, Section } from './sections.js';
import type { ReadContext } from './value-reader.interface.js';
import { readValue } from './values.js';

/** The settings that one section makes by itself. */
export interface Layer {
  readonly line: number;
  readonly settings: Partial<Settings>;
  readonly lines: SettingLines;
  /** True if the section has a directive of mod_session_dbd. httpd then begins again from the default labels. */
  readonly resetsLabels: boolean;
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

/** The layer of a place that has no directives. */
export const NO_SETTINGS: Layer = { line: 1, settings: {}, lines: {}, resetsLabels: false };

type Key = keyof Settings;

/** Returns the settings that are merged in one way. */
const keysMerged = (how: string): Key[] =>
  DIRECTIVES.flatMap(({ merge, key }) => (merge === how && key ? [key] : []));
const APPENDED = keysMerged('appended');
const LABELS = keysMerged('resets');

/** Lists, to which several lines of one section add. */
const LISTS = new Set<Key>([...APPENDED, ...keysMerged('list replaced')]);

/** Reads the settings of one section, without those of the sections inside it. */
export function layerOf(section: Section, context: ReadContext): Layer {
  const settings: Record<string, unknown> = {};
  const lines: Partial<Record<Key, number>> = {};
  for (const written of section.directives.filter(({ row }) => row?.key)) {
    const key = written.row!.key!;
    const value = readValue(written, context);
    if (lines[key] && !LISTS.has(key)) reportRepetition(written, lines[key], context);
    if (value !== undefined)
      settings[key] = LISTS.has(key) ? [...((settings[key] ?? []) as []), ...(value as [])] : value;
    lines[key] = LISTS.has(key) ? (lines[key] ?? written.line) : written.line;
  }
  const resetsLabels = section.directives.some(({ row }) => row?.module === 'mod_session_dbd');
  return { line: section.line, settings, lines, resetsLabels };
}

/** True if a layer changes anything. */
export const hasSettings = ({ resetsLabels, settings }: Layer): boolean =>
  resetsLabels || Object.keys(settings).length > 0;

function reportRepetition({ row, line }: DirectiveLine, before: number, { diagnostics }: ReadContext): void {
  diagnostics.addFinding(
    line,
    `${row!.name} is set in line ${before} of the same section already; the last one counts, so remove the first`,
  );
}

/** Merges layers from outer to inner, as the merge functions of httpd's modules do. */
export function merge(layers: readonly Layer[]): EffectiveConfig {
  let settings = DEFAULTS;
  let lines: SettingLines = {};
  for (const layer of layers) {
    if (layer.resetsLabels) ({ settings, lines } = withDefaultLabels(settings, lines));
    settings = { ...settings, ...layer.settings, ...appended(settings, layer.settings) };
    lines = { ...lines, ...innerLines(layer.lines, lines) };
  }
  return Object.freeze({ ...settings, lines: Object.freeze(lines) });
}

/** Returns the lists to which an inner section adds: SessionInclude and SessionExclude. */
function appended(outer: Settings, inner: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(
    APPENDED.map((key) => [key, [...(outer[key] as []), ...((inner[key] ?? []) as [])]]),
  );
}

/** Returns the lines of the inner settings. A list that the inner layer only extends keeps its first line. */
function innerLines(inner: SettingLines, outer: SettingLines): SettingLines {
  return Object.fromEntries(
    (Object.entries(inner) as [Key, number][]).filter(([key]) => !(APPENDED.includes(key) && outer[key])),
  );
}

/** Returns the settings with the default labels, and the lines without those of the labels. */
function withDefaultLabels(
  settings: Settings,
  lines: SettingLines,
): { settings: Settings; lines: SettingLines } {
  const labels = Object.fromEntries(LABELS.map((key) => [key, DEFAULTS[key]]));
  const otherLines = Object.entries(lines).filter(([key]) => !LABELS.includes(key as Key));
  return { settings: { ...settings, ...labels }, lines: Object.fromEntries(otherLines) };
}
