import { quoted, type Diagnostics } from '../directives/diagnostics.js';
import type { DirectiveModel, EffectiveConfig } from '../directives/model.interface.js';
import { tableOfKnown, wrongColumn, type StatementKind } from '../directives/statement-shape.js';
import { usesDbd } from '../directives/store-kind.js';
import type { FromDirectivesOptions } from './options.interface.js';

/** Judges the administrator's own SQL, which is not run here. Other columns are a fault, and what cannot be judged is a
 *  finding. With the option `table` everything is a finding: a view may show httpd's table with the columns of this
 *  package. */
export function checkStatements(
  model: DirectiveModel,
  { table }: FromDirectivesOptions,
  diagnostics: Diagnostics,
): void {
  for (const config of [model.server, ...model.contexts.map((one) => one.config)])
    if (config.enabled && usesDbd(config))
      for (const kind of KINDS) checkStatement(kind, config, model, !table, diagnostics);
}

/** The setting that holds the label of each statement, and the statement of httpd's manual. */
const STATEMENTS = {
  select: ['selectLabel', 'SELECT value FROM … WHERE key = %s AND (expiry = 0 OR expiry > %lld)'],
  insert: ['insertLabel', 'INSERT INTO … (value, expiry, key) VALUES (%s, %lld, %s)'],
  update: ['updateLabel', 'UPDATE … SET value = %s, expiry = %lld, key = %s WHERE key = %s'],
  delete: ['deleteLabel', 'DELETE FROM … WHERE key = %s'],
} as const;
const KINDS = Object.keys(STATEMENTS) as StatementKind[];

function checkStatement(
  kind: StatementKind,
  config: EffectiveConfig,
  { dbd: { statements } }: DirectiveModel,
  strict: boolean,
  diagnostics: Diagnostics,
): void {
  const [key, manual] = STATEMENTS[kind];
  const { sql, line } = statements.get(config[key]) ?? {};
  if (sql === undefined || line === undefined || diagnostics.hasFault(line, 'DBDPrepareSQL')) return;
  const name = `DBDPrepareSQL ${quoted(config[key])}`;
  const wrong = strict && wrongColumn(kind, sql);
  const table = tableOfKnown(kind, sql);
  const inserted = tableOfKnown('insert', statements.get(config.insertLabel)?.sql ?? '');
  if (wrong)
    diagnostics.addFault(
      line,
      `${name} has the column ${quoted(wrong.found)} for what httpd keeps in ${wrong.meant}; the columns here are key, value and expiry, so rename it`,
    );
  else if (table === undefined)
    diagnostics.addFinding(
      line,
      `${name} is not run here, and it is not the statement of httpd's manual; rows are shared only if it finds and makes the same rows; write ${manual}`,
    );
  else if (inserted !== undefined && table !== inserted)
    diagnostics.addFinding(
      line,
      `${name} uses another table than the INSERT, whose table is used here; rows are shared only if both are one table; write the same name`,
    );
}
