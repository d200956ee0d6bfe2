import { qualifiedName, type SessionTable } from '../../stores/typeorm/session-table.js';

/** The table of mod_session_dbd, one statement an element; the index is for the clean-up, which httpd never does. */
export function dbdTableSql(where: SessionTable = {}): string[] {
  const { table = 'session' } = where;
  const name = qualifiedName(where);
  return [
    `CREATE TABLE ${name} ("key" text PRIMARY KEY, "value" text, "expiry" bigint NOT NULL DEFAULT 0)`,
    `CREATE INDEX "${table.replaceAll('"', '""')}_expiry_idx" ON ${name} ("expiry") WHERE "expiry" <> 0`,
  ];
}

const NOW = `(extract(epoch FROM now()) * 1000000)::bigint`;

/** The statements, each for one row by its key. Parameters stand in the order of mod_session_dbd's. */
export function dbdStatements(where: SessionTable) {
  const table = qualifiedName(where);
  return {
    /** key */
    select: `SELECT "value", ${NOW}::text AS "now" FROM ${table} WHERE "key" = $1 AND ("expiry" = 0 OR "expiry" > ${NOW})`,
    /** value, expiry, key */
    insert: `INSERT INTO ${table} ("value", "expiry", "key") SELECT $1, $2, $3::text
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE "key" = $3)`,
    /** value, expiry, new key, old key, old value: nobody has changed the row since it was read */
    update: `UPDATE ${table} SET "value" = $1, "expiry" = $2, "key" = $3 WHERE "key" = $4 AND "value" = $5`,
    /** key */
    delete: `DELETE FROM ${table} WHERE "key" = $1`,
    /** key */
    bury: `DELETE FROM ${table} WHERE "key" = $1
      AND ("value" IS NULL OR "value" = '' OR ("expiry" <> 0 AND "expiry" <= ${NOW}))`,
    /** rows at most */
    prune: `DELETE FROM ${table} WHERE "key" IN (SELECT "key" FROM ${table}
      WHERE "expiry" <> 0 AND "expiry" <= ${NOW} LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    now: `SELECT ${NOW}::text AS "now"`,
    check: `SELECT "key", "value", "expiry" FROM ${table} LIMIT 0`,
  } as const;
}

export type DbdStatementName = keyof ReturnType<typeof dbdStatements>;
