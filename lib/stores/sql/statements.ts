import {
  batch,
  inTime,
  milliseconds,
  moment,
  NOW,
  read,
  scan,
  survey,
  writeAgain,
  writeOnce,
} from './statement.interface.js';
import { COLUMNS_SQL } from './foreign-table.js';
import { IS_REPLICA } from './primary-check.js';
import { qualifiedName, type TablePlace } from './table-place.js';

/** States as the column `state` holds them. */
export const STATE = { live: 0, moved: 1, ended: 2 } as const;

/** The state of a row that is a lock: `key` is its name, `sealed` its holder, `deadline` its end. Whoever reads rows takes an
 *  unknown state for ended, so older processes of a fleet never take a lock for a session. */
const LOCK = 3;

const COLUMNS = '"key", "sealed", "subject", "created_at", "last_seen_at", "deadline", "version", "state"';

/** Bytes as a text that every client of Postgres returns alike. The form that `pg` asks for has two letters for each byte. */
const bytes = (column: string): string => `encode("${column}", 'base64') AS "${column}"`;

const SEALED = bytes('sealed');

/** True for servers that spread the rows of a table over several nodes: a statement of many keys would ask them all. */
const SHARDED = `(version() ~* 'cockroach|yugabyte|-YB-' OR to_regclass('pg_dist_partition') IS NOT NULL)::int4`;

const CREATED = milliseconds('"created_at"');
const LAST_SEEN = milliseconds('"last_seen_at"');

/** Returns the store's statements for one table. Each is one atomic step. Those that requests run touch one row by its key;
 *  `destroySubject` and those after it are for administration. No guarded write creates a row: `replace` only updates, and
 *  `move` inserts only if its UPDATE has found the old row at its version. Moments are whole milliseconds, so that no
 *  setting of the server or of `pg` changes them on their way. */
export function statements(where: TablePlace) {
  const table = qualifiedName(where);
  const live = `"state" = ${STATE.live}`;
  const alive = `${live} AND "deadline" > now() AND "last_seen_at" > ${moment(1)}`;
  return {
    load: read(
      `SELECT ${SEALED}, "version", "state", ${NOW} FROM ${table} WHERE "key" = $1 AND "deadline" > now()`,
    ),
    /** $1: the keys as the text of an array, see {@link keysOf}. */
    loadMany: read(`SELECT ${bytes('key')}, ${SEALED}, "version", "state", ${NOW} FROM ${table}
      WHERE "key" = ANY($1::text::bytea[]) AND "deadline" > now()`),
    /** The same for a table with partitions: `= ANY` would look for every key in every partition. OFFSET keeps the planner from
     *  joining by a hash of the whole table. */
    loadManyDivided: read(`SELECT ${bytes('key')}, ${SEALED}, "version", "state", ${NOW}
      FROM unnest($1::text::bytea[]) AS "wanted" ("name")
      CROSS JOIN LATERAL (SELECT * FROM ${table} WHERE "key" = "wanted"."name" OFFSET 0) AS "row" WHERE "deadline" > now()`),
    lock: read(`SELECT ${SEALED}, "version", "state", ${NOW} FROM ${table}
      WHERE "key" = $1 AND ${live} AND "deadline" > now() FOR UPDATE`),
    create: writeOnce(`INSERT INTO ${table} (${COLUMNS})
      VALUES ($1, $2, $3, ${moment(4)}, ${moment(5)}, ${moment(6)}, 1, ${STATE.live}) RETURNING ${inTime(7)}`),
    replace:
      writeOnce(`UPDATE ${table} SET "sealed" = $2, "subject" = $3, "last_seen_at" = ${moment(4)}, "deadline" = ${moment(5)}, "version" = "version" + 1
      WHERE "key" = $1 AND "version" = $6 AND ${live} RETURNING ${inTime(7)}`),
    touch:
      writeAgain(`UPDATE ${table} SET "sealed" = $2, "last_seen_at" = ${moment(3)}, "deadline" = ${moment(4)}
      WHERE "key" = $1 AND "version" = $5 AND ${live} AND "last_seen_at" <= ${moment(3)} RETURNING ${inTime(6)}`),
    move: writeOnce(`WITH "old" AS (UPDATE ${table} SET "sealed" = $3, "deadline" = ${moment(4)}, "state" = $5, "version" = "version" + 1
        WHERE "key" = $1 AND "version" = $2 AND ${live} RETURNING 1)
      INSERT INTO ${table} (${COLUMNS})
      SELECT $6, $7, $8, ${moment(9)}, ${moment(10)}, ${moment(11)}, 1, ${STATE.live} FROM "old" RETURNING ${inTime(12)}`),
    destroy:
      writeAgain(`UPDATE ${table} SET "sealed" = '', "deadline" = ${moment(2)}, "state" = ${STATE.ended}, "version" = "version" + 1
      WHERE "key" = $1 AND ${live} RETURNING ${inTime(3)}`),
    destroySubject:
      writeAgain(`UPDATE ${table} SET "sealed" = '', "deadline" = ${moment(2)}, "state" = ${STATE.ended}, "version" = "version" + 1
      WHERE "subject" = $1 AND ${live} AND "key" <> $3 RETURNING ${inTime(4)}`),
    /** The tombstones that one call of `destroySubject` has left: each call has a moment of its own. */
    countEnded:
      read(`SELECT count(*)::int8 AS "count" FROM ${table} WHERE "subject" = $1 AND "state" = ${STATE.ended}
      AND "deadline" = ${moment(2)} AND "key" <> $3`),
    /** $2: the last key of the page before, $3: the size of a page. */
    list: read(`SELECT ${bytes('key')}, "subject", ${CREATED}, ${LAST_SEEN} FROM ${table}
      WHERE "subject" = $1 AND "key" > $2 AND ${live} AND "deadline" > now()
      ORDER BY ${table}."key" LIMIT $3`),
    count: survey(`SELECT count(*)::int8 AS "count" FROM ${table} WHERE ${alive}`),
    /** $2: the percentage of the table's pages that are read. */
    sample: survey(`SELECT count(*)::int8 AS "count" FROM ${table} TABLESAMPLE SYSTEM ($2) WHERE ${alive}`),
    pages:
      read(`SELECT ((pg_relation_size(to_regclass($1)) + COALESCE((SELECT sum(pg_relation_size("inhrelid")) FROM "pg_catalog"."pg_inherits"
      WHERE "inhparent" = to_regclass($1)), 0)) / 8192)::int8 AS "count"`),
    scan: scan(`SELECT ${bytes('key')}, ${SEALED}, "subject", ${CREATED}, ${LAST_SEEN}, ${milliseconds('"deadline"')}, "version", "state", ${NOW}
      FROM ${table} WHERE "key" > $1 AND ${live} AND "deadline" > now() ORDER BY ${table}."key" LIMIT $2`),
    /** ONLY: in a table that was divided meanwhile it finds nothing, since a `ctid` is another row in each partition. */
    prune: batch(`WITH "gone" AS (DELETE FROM ONLY ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ONLY ${table} WHERE "deadline" <= now() AND now() < ${moment(2)}
      ORDER BY "deadline" LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1)
      SELECT count(*)::int8 AS "count" FROM "gone"`),
    acquireLock: writeAgain(`INSERT INTO ${table} AS "held" (${COLUMNS})
      VALUES ($1, $2, NULL, now(), now(), now() + $3::int8 * interval '1 millisecond', 1, ${LOCK})
      ON CONFLICT ("key") DO UPDATE SET "sealed" = EXCLUDED."sealed", "deadline" = EXCLUDED."deadline"
      WHERE "held"."state" = ${LOCK} AND ("held"."deadline" <= now() OR "held"."sealed" = EXCLUDED."sealed")
      RETURNING ${inTime(4)}`),
    renewLock: writeAgain(`UPDATE ${table} SET "deadline" = now() + $3::int8 * interval '1 millisecond'
      WHERE "key" = $1 AND "sealed" = $2 AND "state" = ${LOCK} AND "deadline" > now() RETURNING ${inTime(4)}`),
    releaseLock: writeAgain(`DELETE FROM ${table}
      WHERE "key" = $1 AND "sealed" = $2 AND "state" = ${LOCK} RETURNING ${inTime(3)}`),
    /** The same for a table with partitions. The list has a length that the planner does
     *  not know, so it looks up each key, in the one partition of that key. */
    pruneDivided: batch(`WITH "gone" AS (DELETE FROM ${table} AS "row" USING unnest(ARRAY(
      SELECT "key" FROM ${table} WHERE "deadline" <= now() AND now() < ${moment(2)}
      ORDER BY "deadline" LIMIT $1 FOR UPDATE SKIP LOCKED)) AS "due" ("key") WHERE "row"."key" = "due"."key" RETURNING 1)
      SELECT count(*)::int8 AS "count" FROM "gone"`),
    check: read(`SELECT ${COLUMNS} FROM ${table} LIMIT 0`),
    now: read(`SELECT ${NOW}, current_setting('server_encoding') AS "encoding", ${SHARDED} AS "sharded"`),
    columns: read(COLUMNS_SQL),
    role: read(IS_REPLICA),
    /** $1: the quoted name. Tables that inherit from it count as partitions. */
    partitions: read(
      `SELECT count(*)::int8 AS "count" FROM "pg_catalog"."pg_inherits" WHERE "inhparent" = to_regclass($1)`,
    ),
  };
}

/** Returns keys as the text of an array of `bytea`. Clients disagree about how they send a list of bytes, and none about texts. */
export const keysOf = (keys: readonly Buffer[]): string =>
  `{${keys.map((key) => `"\\\\x${key.toString('hex')}"`).join()}}`;

export type StatementName = keyof ReturnType<typeof statements>;
