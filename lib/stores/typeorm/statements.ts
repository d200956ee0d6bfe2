import { COLUMNS_SQL } from './foreign-table.js';
import { qualifiedName, type TablePlace } from './table-place.js';

/** States as the column `state` holds them. */
export const STATE = { live: 0, moved: 1, ended: 2 } as const;

const COLUMNS = '"key", "sealed", "subject", "created_at", "last_seen_at", "deadline", "version", "state"';

/** The database's clock in milliseconds. A number costs less to parse than a date. */
const NOW = `extract(epoch FROM now())::float8 * 1000 AS "now"`;

/** Returns the store's statements for one table. Each is one atomic step. Those that requests run touch one row by its key;
 *  `destroySubject` and those after it are for administration. No guarded write creates a row: `replace` only updates, and
 *  `move` inserts only if its UPDATE has found the old row at its version. */
export function statements(where: TablePlace) {
  const table = qualifiedName(where);
  const live = `"state" = ${STATE.live}`;
  return {
    load: `SELECT "sealed", "version", "state", ${NOW} FROM ${table} WHERE "key" = $1 AND "deadline" > now()`,
    create: `INSERT INTO ${table} (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, 1, ${STATE.live})`,
    replace: `UPDATE ${table} SET "sealed" = $2, "subject" = $3, "last_seen_at" = $4, "deadline" = $5, "version" = "version" + 1
      WHERE "key" = $1 AND "version" = $6 AND ${live}`,
    touch: `UPDATE ${table} SET "sealed" = $2, "last_seen_at" = $3, "deadline" = $4
      WHERE "key" = $1 AND "version" = $5 AND ${live}`,
    move: `WITH "old" AS (UPDATE ${table} SET "sealed" = $3, "deadline" = $4, "state" = $5, "version" = "version" + 1
        WHERE "key" = $1 AND "version" = $2 AND ${live} RETURNING 1)
      INSERT INTO ${table} (${COLUMNS}) SELECT $6, $7, $8, $9, $10, $11, 1, ${STATE.live} FROM "old"`,
    destroy: `UPDATE ${table} SET "sealed" = '', "deadline" = $2, "state" = ${STATE.ended}, "version" = "version" + 1
      WHERE "key" = $1 AND ${live}`,
    destroySubject: `UPDATE ${table} SET "sealed" = '', "deadline" = $2, "state" = ${STATE.ended}, "version" = "version" + 1
      WHERE "subject" = $1 AND ${live} AND "key" <> $3`,
    list: `SELECT "key", "subject", "created_at", "last_seen_at" FROM ${table}
      WHERE "subject" = $1 AND ${live} AND "deadline" > now() ORDER BY "last_seen_at" DESC`,
    count: `SELECT count(*)::int4 AS "count" FROM ${table} WHERE ${live} AND "deadline" > now()`,
    scan: `SELECT ${COLUMNS}, ${NOW} FROM ${table}
      WHERE "key" > $1 AND ${live} AND "deadline" > now() ORDER BY "key" LIMIT $2`,
    prune: `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE "deadline" <= now() ORDER BY "deadline" LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    check: `SELECT ${COLUMNS} FROM ${table} LIMIT 0`,
    now: `SELECT ${NOW}`,
    columns: COLUMNS_SQL,
  };
}

export type StatementName = keyof ReturnType<typeof statements>;
