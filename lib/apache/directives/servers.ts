import { quoted, sectionTag } from './diagnostics.js';
import { isAboutSessions, isOnlyChecked } from './directive-names.js';
import type { Directive } from './directive-table.js';
import { LOST_BYTES } from './lines.js';
import { layerOf, type Layer } from './merge.js';
import { findDirective, type DirectiveLine, type Section } from './sections.js';
import { isAbsolute, resolvePath } from './server-root.js';
import { normalizePath, type UrlMapping } from './url-mapping.js';
import type { ReadContext } from './value-reader.interface.js';
import { readValue } from './values.js';
import { wordsOf } from './words.js';

/** A `<Location>` or `<Directory>`: a section for a URL path or for a directory of the disk. */
export interface PathSection {
  /** Absolute, without double slashes and without a slash at the end. */
  readonly path: string;
  readonly layer: Layer;
  /** Its first session directive, if it has one. */
  readonly sessionDirective: DirectiveLine | undefined;
}

/** The main server or a virtual host. The sections are in the order of the text. */
export interface Server {
  readonly section: Section;
  readonly layer: Layer;
  readonly directories: readonly PathSection[];
  readonly locations: readonly PathSection[];
  readonly mapping: UrlMapping;
}

const sessionDirectiveOf = (section: Section) => findDirective(section, isAboutSessions);

/** Reads the directives and sections of one server. The main server's virtual hosts are read separately. */
export function readServer(section: Section, context: ReadContext): Server {
  const place = context.htaccess ? 'H' : section.name ? 'V' : 'S';
  checkContexts(section, place, context);
  const inner = section.sections.filter(({ name }) => place !== 'S' || name !== 'virtualhost');
  const found = { directory: [] as PathSection[], location: [] as PathSection[] };
  for (const one of inner) {
    const kind = one.name === 'directory' || one.name === 'location' ? one.name : undefined;
    const pathSection = kind && place !== 'H' ? readPathSection(one, context) : refuse(one, context);
    if (kind && pathSection) found[kind].push(pathSection);
  }
  return {
    section,
    layer: layerOf(section, context),
    directories: found.directory,
    locations: found.location,
    mapping: readMapping(section, context),
  };
}

/** Reads a `<Location>` or `<Directory>`. Returns `undefined` for one that cannot become a context; that is a fault only if
 *  it holds session directives. */
function readPathSection(section: Section, context: ReadContext): PathSection | undefined {
  for (const inner of section.sections) refuse(inner, context);
  checkContexts(section, 'D', context);
  const { words } = wordsOf(section.argument);
  const sessionDirective = sessionDirectiveOf(section);
  const fault = pathFault(words);
  if (fault) {
    if (sessionDirective) context.diagnostics.addFault(section.line, `${sectionTag(section.name)} ${fault}`);
    return undefined;
  }
  const path = normalizePath(words[0]!);
  if (section.name === 'location' && path !== words[0] && sessionDirective)
    context.diagnostics.addFinding(
      section.line,
      `<Location> ${quoted(words[0]!)} is read as ${quoted(path)}; it covers that path and all below`,
    );
  return { path, layer: layerOf(section, context), sessionDirective };
}

function pathFault(words: readonly string[]): string | undefined {
  const [path] = words;
  if (path === '~') return PATTERN;
  if (words.length !== 1 || !path) return `has ${words.length} words; allowed is one path`;
  if (/[*?[]/.test(path)) return PATTERN;
  if (path.includes(LOST_BYTES))
    return 'has a path with U+FFFD, which stands for bytes that were not UTF-8; write the path in UTF-8';
  return isAbsolute(path) ? undefined : `has the path ${quoted(path)}; allowed is a path that begins with /`;
}

const PATTERN = 'has a pattern, which cannot become a context; write the context by hand';
const PER_REQUEST = 'is evaluated at each request, so it cannot be evaluated here; write the context by hand';
const NO_LIMIT = 'does not limit session directives in httpd; move them out of it';
const MISPLACED = 'is not allowed at this place in httpd; move it';

/** Sections whose session directives cannot be carried over, with the reason. */
const REFUSALS = new Map(
  Object.entries({
    locationmatch: PATTERN,
    directorymatch: PATTERN,
    filesmatch: PATTERN,
    proxymatch: PATTERN,
    if: PER_REQUEST,
    elseif: PER_REQUEST,
    else: PER_REQUEST,
    iffile:
      'tests for a file, which the reader does not open; take the lines out of the section, or remove them',
    limit: NO_LIMIT,
    limitexcept: NO_LIMIT,
    virtualhost: MISPLACED,
    directory: MISPLACED,
    location: MISPLACED,
  }),
);
const NO_CONTEXT = 'cannot become a context; write the context by hand';

/** Adds a fault for a section that makes no context, if session directives would be lost with it. */
function refuse(section: Section, { diagnostics }: ReadContext): void {
  const lost = sessionDirectiveOf(section);
  if (!lost) return;
  const reason = REFUSALS.get(section.name) ?? NO_CONTEXT;
  diagnostics.addFault(
    section.line,
    `${sectionTag(section.name)} holds ${lost.row!.name} in line ${lost.line}, but ${reason}`,
  );
}

/** Adds a fault for each directive that httpd does not allow at this place, and for wrong values of those that make no
 *  setting. */
function checkContexts({ directives, name }: Section, place: string, context: ReadContext): void {
  for (const written of directives) {
    const { row, line } = written;
    if (row && !row.contexts.includes(place))
      context.diagnostics.addFault(
        line,
        `${row.name} is not allowed in ${placeName(place, name)}; allowed is ${allowed(row)}`,
      );
    if (row && isOnlyChecked(row)) readValue(written, context);
  }
}

function placeName(place: string, section: string): string {
  if (place === 'H') return '.htaccess';
  return section ? sectionTag(section) : 'the server configuration outside of sections';
}

/** The contexts of a directive, as a message names them. */
const PLACES: Readonly<Record<string, string>> = {
  S: 'the server configuration',
  V: '<VirtualHost>',
  D: '<Directory> and <Location>',
  H: '.htaccess',
};
const allowed = ({ contexts }: Directive) => Array.from(contexts, (one) => PLACES[one]).join(', ');

/** Reads DocumentRoot, Alias and ScriptAlias of one server. */
function readMapping({ directives }: Section, { serverRoot }: ReadContext): UrlMapping {
  let documentRoot: string | undefined;
  const aliases: { path: string; directory: string }[] = [];
  for (const { name, args } of directives) {
    const [first, second] = wordsOf(args).words;
    if (name === 'documentroot' && first) documentRoot = directoryOf(first, serverRoot) ?? documentRoot;
    const directory = name.endsWith('alias') && second ? directoryOf(second, serverRoot) : undefined;
    if (name !== 'serveralias' && directory && first!.startsWith('/'))
      aliases.push({ path: normalizePath(first!), directory });
  }
  return { documentRoot, aliases };
}

function directoryOf(path: string, serverRoot: string | undefined): string | undefined {
  const absolute = resolvePath(path, serverRoot);
  return absolute && normalizePath(absolute);
}
