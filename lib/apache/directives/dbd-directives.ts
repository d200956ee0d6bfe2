import { meantHint } from '../../errors/nearest-name.js';
import { quoted } from './diagnostics.js';
import type { DbdSettings, DbdStatement } from './model.interface.js';
import { readWord } from './read-word.js';
import type { DirectiveLine, Section } from './sections.js';
import type { ReadContext, ValueReader } from './value-reader.interface.js';
import { wordsOf } from './words.js';

type Statements = Map<string, DbdStatement>;

/** Reads mod_dbd's directives of all servers into one set of labels; httpd keeps a set for each server (mod_dbd.c,
 *  dbd_prepare). */
export function readDbd(servers: readonly Section[], context: ReadContext): DbdSettings {
  const written = servers.flatMap(({ directives }) =>
    directives.filter(({ row }) => row?.module === 'mod_dbd'),
  );
  const drivers = written
    .filter(({ name }) => name === 'dbdriver')
    .flatMap((one) => {
      const name = readDriverName(one, context);
      return name ? [{ name, line: one.line }] : [];
    });
  const params = written.filter(({ name }) => name === 'dbdparams').filter((one) => readWord(one, context));
  const statements: Statements = new Map();
  for (const one of written.filter(({ name }) => name === 'dbdpreparesql'))
    readStatement(one, statements, context);
  const driver = drivers.at(-1);
  return { ...(driver && { driver }), params: params.length > 0, statements };
}

/** The drivers of APR: apr_dbd.c. httpd does not start with another one, nor with one that is not installed. */
const DRIVERS = ['pgsql', 'odbc', 'mysql', 'oracle', 'sqlite2', 'sqlite3', 'freetds'];

/** Reads the name of a driver, which is case-sensitive. */
const readDriverName: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined || DRIVERS.includes(word)) return word;
  return void context.diagnostics.addFault(
    written.line,
    `DBDriver is ${quoted(word)}; allowed are ${DRIVERS.join(', ')}${meantHint(word, DRIVERS)}`,
  );
};

/** Adds one `DBDPrepareSQL`, or removes the statement of a label that stands alone. Two statements under one label are a
 *  fault, because the set of labels is one for all servers. */
function readStatement({ args, line }: DirectiveLine, statements: Statements, context: ReadContext): void {
  const { words, closed } = wordsOf(args);
  if (!closed || !words[0] || words.length > 2)
    return context.diagnostics.addFault(
      line,
      `DBDPrepareSQL ${closed ? 'is malformed' : 'has a quote that is not closed'}; write: DBDPrepareSQL "statement" label (a label alone removes its statement)`,
    );
  const [sql, label] = words.length === 1 ? ['', words[0]] : (words as [string, string]);
  const before = statements.get(label);
  if (before && sql && before.sql !== sql)
    return context.diagnostics.addFault(
      line,
      `DBDPrepareSQL gives the label of line ${before.line} another statement; give each statement its own label`,
    );
  if (sql) statements.set(label, { sql, line });
  else statements.delete(label);
}
