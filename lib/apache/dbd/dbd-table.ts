import {
  batch,
  inTime,
  moment,
  NOW,
  read,
  writeAgain,
  writeOnce,
} from '../../stores/sql/statement.interface.js';
import { COLUMNS_SQL } from '../../stores/sql/foreign-table.js';
import {
  fittingName,
  qualifiedName,
  quote,
  type SessionTable,
  type TablePlace,
} from '../../stores/sql/table-place.js';
import { checkTableOptions } from './dbd-options.js';

/** Returns the place of httpd's table. The schema of the DataSource counts. Its `entityPrefix` does not, because httpd's own
 *  statements say what the table is called; `session` is the name in httpd's manual. */
export const dbdPlaceOf = (
  { table = 'session', schema }: SessionTable,
  options: { readonly schema?: string } = {},
): TablePlace => ({ table, schema: schema || options.schema || undefined });

/** Returns the SQL that makes a table for mod_session_dbd, one statement per element. The index serves the pruning, which
 *  httpd itself never does. Throws a SessionConfigError for a wrong or unknown option. */
export function dbdTableSql(where: SessionTable = {}): string[] {
  checkTableOptions(where);
  const place = dbdPlaceOf(where);
  const name = qualifiedName(place);
  return [
    `CREATE TABLE ${name} ("key" text PRIMARY KEY, "value" text, "expiry" bigint NOT NULL DEFAULT 0)`,
    `CREATE INDEX ${quote(fittingName(`${place.table}_expiry_idx`))} ON ${name} ("expiry") WHERE "expiry" <> 0`,
  ];
}

/** The database's clock in microseconds since 1970, the unit of `expiry`. */
const MICROSECONDS = `(extract(epoch FROM now()) * 1000000)::bigint`;

/** Returns the statements, most of them for one row by its key. The parameters of `select`, `insert`, `update` and `delete`
 *  begin in the order of mod_session_dbd's own statements. Each write has its moment besides, see `StatementKind`. */
export function dbdStatements(place: TablePlace) {
  const table = qualifiedName(place);
  return {
    /** $1 key */
    select: read(`SELECT "value", ${NOW} FROM ${table}
      WHERE "key" = $1 AND ("expiry" = 0 OR "expiry" > ${MICROSECONDS})`),
    /** $1 value, $2 expiry, $3 key */
    insert: writeOnce(`INSERT INTO ${table} ("value", "expiry", "key") SELECT $1, $2, $3::text
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE "key" = $3) RETURNING ${inTime(4)}`),
    /** $1 value, $2 expiry, $3 new key, $4 old key, $5 old value. Finds no row if somebody has changed it since it was
     *  read. */
    update:
      writeOnce(`UPDATE ${table} SET "value" = $1, "expiry" = $2, "key" = $3 WHERE "key" = $4 AND "value" = $5
      RETURNING ${inTime(6)}`),
    /** $1 key */
    delete: writeAgain(`DELETE FROM ${table} WHERE "key" = $1 RETURNING ${inTime(2)}`),
    /** $1 key */
    deleteDead: writeAgain(`DELETE FROM ${table} WHERE "key" = $1
      AND ("value" IS NULL OR "value" = '' OR ("expiry" <> 0 AND "expiry" <= ${MICROSECONDS})) RETURNING ${inTime(2)}`),
    /** $1 maximum number of rows. Skips rows that another process has locked. */
    prune: batch(`DELETE FROM ${table} WHERE "key" IN (SELECT "key" FROM ${table}
      WHERE "expiry" <> 0 AND "expiry" <= ${MICROSECONDS} AND now() < ${moment(2)} LIMIT $1 FOR UPDATE SKIP LOCKED)`),
    now: read(`SELECT ${NOW}`),
    /** Fails at the start if the table or one of its columns is missing. */
    check: read(`SELECT "key", "value", "expiry" FROM ${table} LIMIT 0`),
    columns: read(COLUMNS_SQL),
  };
}

/** A key of {@link dbdStatements}. */
export type DbdStatementName = keyof ReturnType<typeof dbdStatements>;
