import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { check } from './check.js';
import { Conditions, type Rules } from './conditions.js';
import { contextsOf } from './contexts.js';
import { logicalLines } from './lines.js';
import type { DirectiveModel, WrittenDbd, WrittenDriver } from './model.interface.js';
import { Notes } from './notes.js';
import { readDriver } from './driver-value.js';
import { readWord, type Reading } from './reading.js';
import { readScope } from './scopes.js';
import { SectionReader } from './section-reader.js';
import type { Section, Written } from './sections.js';

import { Variables } from './variables.js';
import { wordsOf } from './words.js';

export interface DirectiveOptions {
  /** Where relative paths begin; counts more than a `ServerRoot` in the text. */
  readonly serverRoot?: string;
  /** What httpd was started with (`-D NAME`), and values for `${NAME}`. */
  readonly defines?: Readonly<Record<string, string>>;
  /** Asked for `${NAME}` after the defines. @default none */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Further modules that httpd has, as `<IfModule>` names them. */
  readonly modules?: readonly string[];
  /** Which httpd is meant. @default '2.4' */
  readonly rules?: Rules;
  /** Whether the text is a `.htaccess` file. @default 'server' */
  readonly context?: 'server' | 'htaccess';
}

/** Reads an excerpt of httpd's configuration as httpd does: nothing is run, and no file is opened.
 *  @throws {SessionConfigError} with all faults, each at `directives line N`. No fault repeats a passphrase. */
export function readDirectives(text: string, options: DirectiveOptions = {}): DirectiveModel {
  const notes = new Notes();
  const htaccess = options.context === 'htaccess';
  const reader = readSections(text, options, notes);
  const { root, onRead } = reader;
  const reading = { notes, htaccess, serverRoot: options.serverRoot ?? onRead.serverRoot };
  const virtual = htaccess ? [] : root.sections.filter(({ name }) => name === 'virtualhost');
  const main = readScope(root, reading);
  const hosts = virtual.map((section) => readScope(section, reading));
  if (options.rules !== 'trunk') refuseTrunk(root, notes);
  const dbd = readDbd([root, ...virtual], reading);
  const { server, contexts } = contextsOf(main, hosts, notes);
  for (const config of [server, ...contexts.map((one) => one.config)]) check(config, dbd, notes);
  const driver = driverOf(root, reading);
  notes.end();
  return Object.freeze({ server, contexts, ...(driver && { driver }), dbd, findings: notes.findings() });
}

function readSections(text: string, options: DirectiveOptions, notes: Notes): SectionReader {
  if (typeof text !== 'string')
    throw new SessionConfigError([
      { path: 'directives', message: `is ${kindOf(text)}; allowed is the text of httpd's configuration` },
    ]);
  const { defines = {}, env = {}, modules = [], rules = '2.4', context } = options;
  const variables = new Variables(defines, env);
  const conditions = new Conditions(modules, rules, variables, notes);
  const reader = new SectionReader(variables, conditions, context === 'htaccess', notes);
  for (const line of logicalLines(text)) reader.read(line);
  reader.end();
  return reader;
}

function refuseTrunk(root: Section, notes: Notes): void {
  for (const { row, line } of allDirectives(root).filter(({ row }) => row?.since === 'trunk'))
    notes.fault(
      line,
      `${row!.name} is known to httpd's trunk only, and 2.4 does not start with it; take it out, or set rules: 'trunk'`,
    );
}

const allDirectives = (section: Section): Written[] => [
  ...section.directives,
  ...section.sections.flatMap(allDirectives),
];

function driverOf({ directives }: Section, reading: Reading): WrittenDriver | undefined {
  const drivers = directives
    .filter(({ row }) => row?.args === 'driver')
    .map((one) => readDriver(one, reading));
  return drivers.at(-1);
}

/** mod_dbd's directives of all servers, each with its own words (mod_dbd.c, dbd_prepare). */
function readDbd(servers: readonly Section[], reading: Reading): WrittenDbd {
  const written = servers.flatMap(({ directives }) =>
    directives.filter(({ row }) => row?.module === 'mod_dbd'),
  );
  const drivers = written.filter(({ name }) => name === 'dbdriver').map((one) => readWord(one, reading));
  const statements = new Map<string, { sql: string; line: number }>();
  for (const one of written.filter(({ name }) => name === 'dbdpreparesql'))
    readStatement(one, statements, reading);
  const driver = drivers.at(-1);
  return { ...(driver && { driver }), params: written.some(({ name }) => name === 'dbdparams'), statements };
}

function readStatement(
  { args, line }: Written,
  statements: Map<string, { sql: string; line: number }>,
  { notes }: Reading,
): void {
  const { words, closed } = wordsOf(args);
  if (!closed || !words[0] || words.length > 2)
    return notes.fault(
      line,
      'DBDPrepareSQL takes "statement" label, or a label alone to take its statement away',
    );
  const [sql, label] = words.length === 1 ? ['', words[0]] : (words as [string, string]);
  const before = statements.get(label);
  if (before && sql && before.sql !== sql)
    return notes.fault(
      line,
      `DBDPrepareSQL gives the label of line ${before.line} another statement; give each its own label`,
    );
  if (sql) statements.set(label, { sql, line });
  else statements.delete(label);
}
