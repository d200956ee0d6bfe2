import {
  checkTable,
  indexName,
  placeOf,
  primaryKeyName,
  qualifiedName,
  quote,
  type SessionTable,
  type TableNaming,
} from './table-place.js';

export type { SessionTable, TableNaming } from './table-place.js';

/** The columns of the table, in its order. */
export const COLUMNS = [
  'key',
  'sealed',
  'subject',
  'created_at',
  'last_seen_at',
  'deadline',
  'version',
  'state',
];

/** The condition of the index by subject. It is a part of the index's name. */
export const HAS_SUBJECT = '"subject" IS NOT NULL';

/** Returns the statements that create the table and its indexes. `dataSource` is the DataSource that runs them: the table
 *  gets its schema and prefix. The free space of the fill factor lets an update stay on its page, without new index entries
 *  (HOT). For the same reason the stored deadline is rounded up to the hour. */
export function createTableSql(where: SessionTable = {}, dataSource?: TableNaming): string[] {
  checkTable('createTableSql()', where);
  const place = placeOf(where, dataSource);
  const name = qualifiedName(place);
  const index = (column: string, condition?: string) =>
    `CREATE INDEX ${quote(indexName(place, column, condition, dataSource))} ON ${name} ("${column}")`;
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
  CONSTRAINT ${quote(primaryKeyName(place, 'key', dataSource))} PRIMARY KEY ("key")
) WITH (fillfactor = 90)`,
    index('deadline'),
    `${index('subject', HAS_SUBJECT)} WHERE ${HAS_SUBJECT}`,
  ];
}

/** Returns the statements that drop the table. */
export function dropTableSql(where: SessionTable = {}, dataSource?: TableNaming): string[] {
  checkTable('dropTableSql()', where);
  return [`DROP TABLE ${qualifiedName(placeOf(where, dataSource))}`];
}
