import { COLUMNS_SQL } from './foreign-table.js';
import { IS_REPLICA } from './primary-check.js';
import { inTime, milliseconds, moment, NOW, read, writeAgain } from './statement.interface.js';
import { qualifiedName, type TablePlace } from './table-place.js';

const COLUMNS =
  '"ring", "id", "version", "hint", "state", "created_at", "seals_at", "retires_at", "drops_at", "wrapped"';

/** The parameters of a row, in the order of {@link COLUMNS}. */
const VALUES = `$1, $2, $3, $4, $5, ${moment(6)}, ${moment(7)}, ${moment(8)}, ${moment(9)}, $10`;

const TIMES = ['created_at', 'seals_at', 'retires_at', 'drops_at'].map((one) => milliseconds(`"${one}"`));

/** Returns the statements of a key store for one table. A write that is done twice does nothing the second time, so each may
 *  be repeated when its answer was lost: the rows are read again after every write. */
export function keyStatements(where: TablePlace) {
  const table = qualifiedName(where);
  return {
    /** The clock comes also where there is no row; "id" is null then. */
    loadKeys:
      read(`SELECT "id", "version", "hint", "state", ${TIMES.join(', ')}, encode("wrapped", 'base64') AS "wrapped", "now"
      FROM (SELECT ${NOW}) AS "clock" LEFT JOIN ${table} ON "ring" = $1 ORDER BY "id"`),
    insertKey: writeAgain(`INSERT INTO ${table} (${COLUMNS}) VALUES (${VALUES})
      ON CONFLICT DO NOTHING RETURNING ${inTime(11)}`),
    updateKey:
      writeAgain(`UPDATE ${table} SET "version" = $3, "hint" = $4, "state" = $5, "created_at" = ${moment(6)}, "seals_at" = ${moment(7)},
      "retires_at" = ${moment(8)}, "drops_at" = ${moment(9)}, "wrapped" = $10
      WHERE "ring" = $1 AND "id" = $2 AND "version" = $3 - 1 RETURNING ${inTime(11)}`),
    removeKey: writeAgain(`DELETE FROM ${table} WHERE "ring" = $1 AND "id" = $2 AND "version" = $3
      RETURNING ${inTime(4)}`),
    checkKeys: read(`SELECT ${COLUMNS} FROM ${table} LIMIT 0`),
    columns: read(COLUMNS_SQL),
    role: read(IS_REPLICA),
  };
}

export type KeyStatementName = keyof ReturnType<typeof keyStatements>;
