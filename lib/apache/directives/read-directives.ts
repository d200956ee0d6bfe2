import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { checkConfig } from './check-config.js';
import { Conditions, type Rules } from './conditions.js';
import { contextsOf } from './contexts.js';
import { readDbd } from './dbd-directives.js';
import { Diagnostics } from './diagnostics.js';
import { readDriver } from './driver-value.js';
import { Insertions, type IncludeReader } from './insertions.js';
import { logicalLines } from './lines.js';
import { hasSettings, NO_SETTINGS } from './merge.js';
import type { DirectiveModel, DriverSetting } from './model.interface.js';
import { SectionReader } from './section-reader.js';
import type { DirectiveLine, Section } from './sections.js';
import { readServer, type Server } from './servers.js';
import { switchOffUnnamed } from './unnamed-hosts.js';
import { normalizePath } from './url-mapping.js';
import type { ReadContext } from './value-reader.interface.js';
import { Variables } from './variables.js';

/** Facts about httpd that its configuration does not hold. */
export interface DirectiveOptions {
  /** Directory where relative paths begin. Overrides a `ServerRoot` in the text. */
  readonly serverRoot?: string;
  /** The names that httpd was started with (`-D NAME`), and values for `${NAME}`. */
  readonly defines?: Readonly<Record<string, string>>;
  /** Environment variables for `${NAME}`, asked after the defines; usually `process.env`. @default none */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Further modules that httpd has, under the names that `<IfModule>` uses. */
  readonly modules?: readonly string[];
  /** The httpd whose rules apply. @default '2.4' */
  readonly rules?: Rules;
  /** Reads the file of an Include: returns its text, or false to leave the file out because it says nothing about sessions.
   *  Faults in the text name the line of the Include. @default every Include is a fault */
  readonly include?: IncludeReader;
  /** The kind of file that the text comes from: the server configuration, or `.htaccess`. @default 'server' */
  readonly context?: 'server' | 'htaccess';
  /** The URL path of the directory that the `.htaccess` file lies in: the file applies to that path and all below.
   *  @default the file applies to all paths, and a finding says so */
  readonly path?: string;
}

/** Reads an excerpt of httpd's configuration as httpd does, but runs no program and opens no file.
 *  @throws {SessionConfigError} with all faults, each at the path `directives line N`. No fault repeats a passphrase. */
export function readDirectives(text: string, options: DirectiveOptions = {}): DirectiveModel {
  const diagnostics = new Diagnostics();
  const model = collectDirectives(text, options, diagnostics);
  diagnostics.throwFaults();
  return model;
}

/** Reads an excerpt as {@link readDirectives} does, but adds the faults to `diagnostics`. A setting that is at fault has
 *  httpd's default in the model. */
export function collectDirectives(
  text: string,
  options: DirectiveOptions,
  diagnostics: Diagnostics,
): DirectiveModel {
  const htaccess = options.context === 'htaccess';
  const { root, immediate } = readSections(text, options, diagnostics);
  const context = { diagnostics, htaccess, serverRoot: options.serverRoot ?? immediate.serverRoot };
  const virtualHosts = htaccess ? [] : root.sections.filter(({ name }) => name === 'virtualhost');
  const main = htaccess
    ? placedAt(options.path, readServer(root, context), diagnostics)
    : readServer(root, context);
  const hosts = virtualHosts.map((section) => readServer(section, context));
  if (options.rules !== 'trunk') refuseTrunk(root, diagnostics);
  const dbd = readDbd([root, ...virtualHosts], context);
  const places = contextsOf(main, hosts, diagnostics);
  const { server, contexts } = switchOffUnnamed(places, hosts, diagnostics);
  for (const config of [server, ...contexts.map((one) => one.config)]) checkConfig(config, dbd, diagnostics);
  const driver = driverOf(root, context);
  const findings = diagnostics.findings();
  return Object.freeze({ server, contexts, ...(driver && { driver }), dbd, findings });
}

/** Returns a server on which a `.htaccess` file applies to one URL path, as httpd applies it to one directory. */
function placedAt(path: string | undefined, file: Server, diagnostics: Diagnostics): Server {
  if (path === undefined && hasSettings(file.layer))
    diagnostics.addFinding(
      1,
      'a .htaccess file applies to its own directory, but here to all paths; give the option path, the URL path of that directory (/ for the whole site)',
    );
  if (path === undefined || normalizePath(path) === '/') return file;
  const section = { path: normalizePath(path), layer: file.layer, sessionDirective: undefined };
  return { ...file, layer: NO_SETTINGS, locations: [section] };
}

/** Reads the text into a tree of sections, with variables replaced and conditions evaluated. */
function readSections(text: string, options: DirectiveOptions, diagnostics: Diagnostics): SectionReader {
  if (typeof text !== 'string')
    throw new SessionConfigError([
      { path: 'directives', message: `is ${kindOf(text)}; allowed is the text of httpd's configuration` },
    ]);
  const { defines = {}, env = {}, modules = [], rules = '2.4', context } = options;
  const variables = new Variables(defines, env);
  const conditions = new Conditions(modules, rules, variables, diagnostics);
  const insertions = new Insertions(options.include, diagnostics);
  const reader = new SectionReader(
    variables,
    conditions,
    context === 'htaccess',
    diagnostics,
    insertions,
    options.serverRoot,
  );
  for (const line of logicalLines(text)) reader.read(line);
  reader.end();
  return reader;
}

/** Adds a fault for each directive that only httpd's trunk has. */
function refuseTrunk(root: Section, diagnostics: Diagnostics): void {
  for (const { row, line } of allDirectives(root).filter(({ row }) => row?.since === 'trunk'))
    diagnostics.addFault(
      line,
      `${row!.name} exists only in httpd's trunk, and httpd 2.4 does not start with it; remove it, or set rules: 'trunk'`,
    );
}

/** Returns the directives of a section and of all sections inside it. */
const allDirectives = (section: Section): DirectiveLine[] => [
  ...section.directives,
  ...section.sections.flatMap(allDirectives),
];

/** Returns the last SessionCryptoDriver of the main server. */
function driverOf({ directives }: Section, context: ReadContext): DriverSetting | undefined {
  const drivers = directives
    .filter(({ row }) => row?.args === 'driver')
    .map((one) => readDriver(one, context));
  return drivers.at(-1);
}
