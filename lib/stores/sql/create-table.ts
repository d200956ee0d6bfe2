import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { StoreLimits } from '../session-store.interface.js';
import { DEFAULT_LIMITS, Executor } from './executor.js';
import { COLUMNS_SQL, describeTable } from './foreign-table.js';
import { IS_REPLICA, refuseReplica } from './primary-check.js';
import type { Database } from './database.interface.js';
import { read, survey } from './statement.interface.js';
import { columnNames } from './table-fault.js';
import { qualifiedName, type SessionTable } from './table-place.js';
import { placeIn, type TableSpec } from './table-spec.js';

/** What has become of a table that a store needs. */
export interface MadeTable {
  /** The quoted name, with its schema if it has one. */
  readonly table: string;
  /** False if the table was there already. */
  readonly created: boolean;
}

/** SQLSTATEs of a name that is taken: duplicate_table, duplicate_object, and unique_violation of a catalog when two create it at
 *  once. */
const TAKEN = new Set(['42P07', '42710', '23505']);

/** Creates a table and its indexes in one step, unless it is there. Closes the database. Rejects with a SessionConfigError at
 *  `path` if a table of this name is not ours; nothing is changed then. */
export async function createTable(
  database: Database,
  spec: TableSpec,
  { where, path }: { readonly where: SessionTable; readonly path: string },
  { timeout }: StoreLimits = DEFAULT_LIMITS,
): Promise<MadeTable> {
  const place = placeIn(spec, where, database.naming);
  const table = qualifiedName(place);
  const sql = spec.statements(place, database.naming);
  const statements = {
    columns: read(COLUMNS_SQL),
    role: read(IS_REPLICA),
    createTable: survey(inOneStep(sql)),
  };
  const executor = new Executor(() => database.connections(), statements, { prepared: false, timeout });
  const isThere = async () => {
    const columns = columnNames(await executor.run('columns', [table]));
    if (columns.length && !spec.columns.every((one) => columns.includes(one)))
      throw notOurs(path, table, describeTable(columns));
    return columns.length > 0;
  };
  try {
    await refuseReplica(() => executor.run('role'));
    if (await isThere()) return { table, created: false };
    const isNew = await executor.run('createTable').then(() => true, unlessTaken);
    if (!isNew && !(await isThere()))
      throw notOurs(path, table, 'cannot be created, since one of its names belongs to something else');
    return { table, created: isNew };
  } finally {
    await database.close();
  }
}

/** Returns the statements as one, so that they take effect all or not at all, through any client. */
const inOneStep = (statements: readonly string[]): string => {
  const body = `BEGIN\n${statements.map((sql) => `${sql};\n`).join('')}END`;
  return `DO E'${body.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
};

function unlessTaken(error: unknown): false {
  if (error instanceof SessionStoreError && TAKEN.has(error.reason)) return false;
  throw error;
}

const notOurs = (path: string, table: string, what: string) =>
  new SessionConfigError([{ path, message: `${table} ${what}; nothing was changed; choose another table` }]);
