import { checkLayout, checkPartitions, divisionOf, type SessionTableLayout } from './partitions.js';
import {
  DEFAULT_TABLE,
  indexName,
  primaryKeyName,
  qualifiedName,
  quote,
  type SessionTable,
  type TableNaming,
  type TablePlace,
} from './table-place.js';
import { createSql, dropSql, type TableSpec } from './table-spec.js';

export type { SessionTableLayout } from './partitions.js';
export type { SessionTable, TableNaming } from './table-place.js';

/** The condition of the index by subject. It is a part of the index's name. */
export const HAS_SUBJECT = '"subject" IS NOT NULL';

/** The table of the sessions. The free space of the fill factor lets an update stay on its page, without new index entries
 *  (HOT). For the same reason the stored deadline is rounded up to the hour. */
export const SESSION_TABLE: TableSpec = {
  table: DEFAULT_TABLE,
  columns: ['key', 'sealed', 'subject', 'created_at', 'last_seen_at', 'deadline', 'version', 'state'],
  migrationName: 'CreateSessionTable',
  migrationDate: 1767225600000,
  calls: {
    create: 'createTableSql',
    drop: 'dropTableSql',
    migration: 'sessionMigration',
    user: 'typeOrmStore',
  },
  statements: (place, naming) => tableSql(place, undefined, naming),
};

/** Returns the table of the sessions, divided as `where` says. Throws a SessionConfigError for a wrong number of partitions. */
export function sessionTable({ partitions }: SessionTableLayout): TableSpec {
  checkPartitions({ partitions });
  return { ...SESSION_TABLE, statements: (place, naming) => tableSql(place, partitions, naming) };
}

/** Indexes of a divided table come with each partition. */
function tableSql(
  place: TablePlace,
  partitions: number | undefined,
  naming: TableNaming | undefined,
): string[] {
  const name = qualifiedName(place);
  const { tail, parts } = divisionOf(place, partitions, 'WITH (fillfactor = 90)');
  const index = (column: string, condition?: string) =>
    `CREATE INDEX ${quote(indexName(place, column, condition, naming))} ON ${name} ("${column}")`;
  return [
    `CREATE TABLE ${name} (
  "key" bytea NOT NULL,
  "sealed" bytea NOT NULL,
  "subject" text,
  "created_at" timestamptz NOT NULL,
  "last_seen_at" timestamptz NOT NULL,
  "deadline" timestamptz NOT NULL,
  "version" int4 NOT NULL,
  "state" int2 NOT NULL,
  CONSTRAINT ${quote(primaryKeyName(place, 'key', naming))} PRIMARY KEY ("key")
) ${tail}`,
    ...parts,
    index('deadline'),
    `${index('subject', HAS_SUBJECT)} WHERE ${HAS_SUBJECT}`,
  ];
}

/** Returns the statements that create the table and its indexes. `dataSource` is the DataSource that runs them: the table
 *  gets its schema and prefix. */
export function createTableSql(where: SessionTableLayout = {}, dataSource?: TableNaming): string[] {
  checkLayout('createTableSql()', where);
  return createSql(sessionTable(where), placeOnly(where), dataSource);
}

/** Returns the statements that drop the table, with its partitions if it has some. */
export function dropTableSql(where: SessionTableLayout = {}, dataSource?: TableNaming): string[] {
  checkLayout('dropTableSql()', where);
  return dropSql(SESSION_TABLE, placeOnly(where), dataSource);
}

/** Returns the place without the division. */
export const placeOnly = ({ table, schema }: SessionTableLayout): SessionTable => ({ table, schema });
