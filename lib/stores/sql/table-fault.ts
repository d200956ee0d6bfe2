import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { describeTable } from './foreign-table.js';
import { qualifiedName, type TablePlace } from './table-place.js';

/** The facts about a table that a store cannot use. */
export interface UnusableTable {
  readonly place: TablePlace;
  /** The name of the function that makes the store, for remedies. */
  readonly maker: 'typeOrmStore' | 'pgStore' | 'dbdStore' | 'typeOrmKeyStore' | 'pgKeyStore';
  /** The option path of the table. @default 'store.table' */
  readonly path?: string;
  /** The sentence that says how the table is made. */
  readonly remedy: string;
  /** Reads the columns of the table that is there. */
  columns(): Promise<string[]>;
}

/** Returns the SessionConfigError that tells the operator how to fix the table, or the error itself if the table is not the
 *  cause. */
export async function tableFaultOf(error: unknown, table: UnusableTable): Promise<unknown> {
  const reason = error instanceof SessionStoreError ? error.reason : undefined;
  const message = reason === undefined ? undefined : await MESSAGES[reason]?.(table);
  return message === undefined
    ? error
    : new SessionConfigError([{ path: table.path ?? 'store.table', message, reason }]);
}

/** One message for each SQLSTATE of a table that cannot be used. */
const MESSAGES: Readonly<Record<string, ((table: UnusableTable) => string | Promise<string>) | undefined>> = {
  /** undefined_table */
  '42P01': ({ place, remedy }) => `${qualifiedName(place)} does not exist; ${remedy}`,
  /** undefined_column */
  '42703': async ({ place, maker, columns }) =>
    `${qualifiedName(place)} ${describeTable(await columns())}; it lacks columns of this version; choose another table: ` +
    `${maker}({ table })`,
  /** insufficient_privilege */
  '42501': ({ place }) =>
    `${qualifiedName(place)} cannot be used by this database user; run GRANT SELECT, INSERT, UPDATE, DELETE ON ` +
    `${qualifiedName(place)} for that user`,
};

/** Returns the names in the result of the statement `columns`. */
export const columnNames = ({ rows }: { rows: readonly Record<string, unknown>[] }): string[] =>
  rows.map(({ name }) => name as string);
