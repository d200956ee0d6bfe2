import { COLUMNS_SQL } from '../../stores/typeorm/foreign-table.js';
import {
  fittingName,
  qualifiedName,
  quote,
  type SessionTable,
  type TablePlace,
} from '../../stores/typeorm/table-place.js';

/** Returns the place of httpd's table. The schema of the DataSource counts. Its `entityPrefix` does not, because httpd's own
 *  statements say what the table is called; `session` is the name in httpd's manual. */
export const dbdPlaceOf = (
  { table = 'session', schema }: SessionTable,
  options: { readonly schema?: string } = {},
): TablePlace => ({ table, schema: schema || options.schema || undefined });

/** Returns the SQL that makes a table for mod_session_dbd, one statement per element. The index serves the pruning, which
 *  httpd itself never does. */
export function dbdTableSql(where: SessionTable = {}): string[] {
  const place = dbdPlaceOf(where);
  const name = qualifiedName(place);
  return [
    `CREATE TABLE ${name} ("key" text PRIMARY KEY, "value" text, "expiry" bigint NOT NULL DEFAULT 0)`,
    `CREATE INDEX ${quote(fittingName(`${place.table}_expiry_idx`))} ON ${name} ("expiry") WHERE "expiry" <> 0`,
  ];
}

/** The database's clock in microseconds since 1970, the unit of `expiry`. */
const NOW = `(extract(epoch FROM now()) * 1000000)::bigint`;

/** Returns the statements, most of them for one row by its key. The parameters of `select`, `insert`, `update` and `delete`
 *  begin in the order of mod_session_dbd's own statements. */
export function dbdStatements(place: TablePlace) {
  const table = qualifiedName(place);
  return {
    /** $1 key */
    select: `SELECT "value", ${NOW}::text AS "now" FROM ${table} WHERE "key" = $1 AND ("expiry" = 0 OR "expiry" > ${NOW})`,
    /** $1 value, $2 expiry, $3 key */
    insert: `INSERT INTO ${table} ("value", "expiry", "key") SELECT $1, $2, $3::text
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE "key" = $3)`,
    /** $1 value, $2 expiry, $3 new key, $4 old key, $5 old value. Finds no row if somebody has changed it since it was
     *  read. */
    update: `UPDATE ${table} SET "value" = $1, "expiry" = $2, "key" = $3 WHERE "key" = $4 AND "value" = $5`,
    /** $1 key */
    delete: `DELETE FROM ${table} WHERE "key" = $1`,
    /** $1 key */
    deleteDead: `DELETE FROM ${table} WHERE "key" = $1
      AND ("value" IS NULL OR "value" = '' OR ("expiry" <> 0 AND "expiry" <= ${NOW}))`,
    /** $1 maximum number of rows. Skips rows that another process has locked. */
    prune: `DELETE FROM ${table} WHERE "key" IN (SELECT "key" FROM ${table}
      WHERE "expiry" <> 0 AND "expiry" <= ${NOW} LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    now: `SELECT ${NOW}::text AS "now"`,
    /** Fails at the start if the table or one of its columns is missing. */
    check: `SELECT "key", "value", "expiry" FROM ${table} LIMIT 0`,
    columns: COLUMNS_SQL,
  } as const;
}

/** A key of {@link dbdStatements}. */
export type DbdStatementName = keyof ReturnType<typeof dbdStatements>;
