import type { Places } from './places.js';
import { isAboutSessions } from './directive-names.js';
import type { Directive } from './directive-table.js';
import { layerOf, type Layer } from './merge.js';
import { say, tag } from './notes.js';
import { tidy } from './places.js';
import { findDirective, type Section, type Written } from './sections.js';
import { absolute, isAbsolute, type Reading } from './reading.js';
import { wordsOf } from './words.js';

/** A section that belongs to a path of the server or of its disk. */
export interface Spot {
  /** Tidy, absolute. */
  readonly path: string;
  readonly layer: Layer;
  /** Its first directive about sessions, if it has one. */
  readonly about: Written | undefined;
}

/** One server: the main one or a virtual host. Its sections are in the order in which they stand. */
export interface Scope {
  readonly section: Section;
  readonly layer: Layer;
  readonly directories: readonly Spot[];
  readonly locations: readonly Spot[];
  readonly places: Places;
}

const aboutSessions = (section: Section) => findDirective(section, isAboutSessions);

/** Reads a server's own directives and its sections, without those of its virtual hosts. */
export function readScope(section: Section, reading: Reading): Scope {
  const place = reading.htaccess ? 'H' : section.name ? 'V' : 'S';
  checkPlaces(section, place, reading);
  const inner = section.sections.filter(({ name }) => place !== 'S' || name !== 'virtualhost');
  const spots = { directory: [] as Spot[], location: [] as Spot[] };
  for (const one of inner) {
    const kind = one.name === 'directory' || one.name === 'location' ? one.name : undefined;
    const spot = kind && place !== 'H' ? readSpot(one, reading) : refuse(one, reading);
    if (kind && spot) spots[kind].push(spot);
  }
  return {
    section,
    layer: layerOf(section, reading),
    directories: spots.directory,
    locations: spots.location,
    places: readPlaces(section, reading),
  };
}

function readSpot(section: Section, reading: Reading): Spot | undefined {
  for (const inner of section.sections) refuse(inner, reading);
  checkPlaces(section, 'D', reading);
  const { words } = wordsOf(section.argument);
  const fault = (why: string) => {
    if (aboutSessions(section)) reading.notes.fault(section.line, `${tag(section.name)} ${why}`);
  };
  if (words[0] === '~') return void fault(PATTERN);
  if (words.length !== 1 || !words[0]) return void fault('takes one path');
  if (/[*?[]/.test(words[0])) return void fault(PATTERN);
  if (!isAbsolute(words[0])) return void fault(`has the path ${say(words[0])}, which does not begin with /`);
  const path = tidy(words[0]);
  if (section.name === 'location' && path !== words[0] && aboutSessions(section))
    reading.notes.finding(
      section.line,
      `<Location> ${say(words[0])} is read as ${say(path)}, that path itself and all below`,
    );
  return { path, layer: layerOf(section, reading), about: aboutSessions(section) };
}

const PATTERN = "has a pattern, and patterns can't be carried over; write the context by hand";
const WHY_NOT = new Map(
  Object.entries({
    locationmatch: PATTERN,
    directorymatch: PATTERN,
    filesmatch: PATTERN,
    proxymatch: PATTERN,
    if: "is decided at each request and can't be decided here; write the context by hand",
    elseif: "is decided at each request and can't be decided here; write the context by hand",
    else: "is decided at each request and can't be decided here; write the context by hand",
    iffile:
      "asks for a file and can't be decided here; take the section's lines out of it or leave them away",
    limit: 'does not limit session directives in httpd; put them outside',
    limitexcept: 'does not limit session directives in httpd; put them outside',
    virtualhost: 'does not stand here in httpd',
    directory: 'does not stand here in httpd',
    location: 'does not stand here in httpd',
  }),
);

/** A section that makes no context: nothing is wrong with it unless session directives would be lost. */
function refuse(section: Section, { notes }: Reading): void {
  const lost = aboutSessions(section);
  if (!lost) return;
  const why =
    WHY_NOT.get(section.name) ?? "makes no context here, so its session directives can't be carried over";
  notes.fault(section.line, `${tag(section.name)} ${why} (${lost.row!.name} in line ${lost.line})`);
}

/** Directives where httpd would not take them. */
function checkPlaces({ directives, name }: Section, place: string, { notes }: Reading): void {
  for (const { row, line } of directives)
    if (row && !row.contexts.includes(place))
      notes.fault(
        line,
        `${row.name} is not allowed in ${place === 'H' ? '.htaccess' : name ? tag(name) : 'the server configuration outside of sections'}; allowed is ${allowed(row)}`,
      );
}

const PLACES: Readonly<Record<string, string>> = {
  S: 'the server configuration',
  V: '<VirtualHost>',
  D: '<Directory> and <Location>',
  H: '.htaccess',
};
const allowed = ({ contexts }: Directive) => Array.from(contexts, (one) => PLACES[one]).join(', ');

function readPlaces({ directives }: Section, { serverRoot }: Reading): Places {
  let documentRoot: string | undefined;
  const aliases: { path: string; directory: string }[] = [];
  for (const { name, args } of directives) {
    const [first, second] = wordsOf(args).words;
    if (name === 'documentroot' && first) documentRoot = tidyAbsolute(first, serverRoot) ?? documentRoot;
    const directory = name.endsWith('alias') && second ? tidyAbsolute(second, serverRoot) : undefined;
    if (name !== 'serveralias' && directory && first!.startsWith('/'))
      aliases.push({ path: tidy(first!), directory });
  }
  return { documentRoot, aliases };
}

function tidyAbsolute(path: string, serverRoot: string | undefined): string | undefined {
  const found = absolute(path, serverRoot);
  return found && tidy(found);
}

/** The names of a virtual host, in lower case and without ports. */
export function hostsOf({ directives }: Section): string[] {
  const words = directives
    .filter(({ name }) => name === 'servername' || name === 'serveralias')
    .flatMap(({ args }) => wordsOf(args).words);
  const names = words.map((word) =>
    word
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .replace(/:\d+$/, '')
      .replace(/\.$/, ''),
  );
  return [...new Set(names.filter(Boolean))];
}
