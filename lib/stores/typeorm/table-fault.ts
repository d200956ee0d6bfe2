import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { createTableSql, DEFAULT_TABLE, qualifiedName, type SessionTable } from './session-table.js';

/** SQLSTATEs of a table that cannot be used. */
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Returns the SessionConfigError that tells the operator how to fix the table, or the error itself if the table is not the
 *  cause. */
export function tableFaultOf(error: unknown, where: SessionTable): unknown {
  const reason = error instanceof SessionStoreError ? error.reason : undefined;
  const message = reason === undefined ? undefined : MESSAGES[reason]?.(where);
  return message === undefined ? error : new SessionConfigError([{ path: 'store.table', message }]);
}

/** One message for each SQLSTATE. */
const MESSAGES: Readonly<Record<string, ((where: SessionTable) => string) | undefined>> = {
  [UNDEFINED_TABLE]: (where) =>
    `"${nameOf(where)}" does not exist; add sessionMigration() to the DataSource's migrations and run them, or run:\n` +
    `${createTableSql(where).join(';\n')};`,
  [UNDEFINED_COLUMN]: (where) =>
    `"${nameOf(where)}" does not have the columns of this version, so it may belong to another program; ` +
    'choose another table: typeOrmStore({ table })',
  [INSUFFICIENT_PRIVILEGE]: (where) =>
    `"${nameOf(where)}" cannot be used by this database user; run GRANT SELECT, INSERT, UPDATE, DELETE ON ` +
    `${qualifiedName(where)} for that user`,
};

const nameOf = ({ table = DEFAULT_TABLE }: SessionTable): string => table;
