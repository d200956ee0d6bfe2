import { primaryKeyName, qualifiedName, quote, type SessionTable, type TableNaming } from './table-place.js';
import { createSql, dropSql, type TableSpec } from './table-spec.js';

/** The table of the keys of managed rings. A person can read all of a row but the wrapped key. */
export const KEY_TABLE: TableSpec = {
  table: 'session_crypto_keys',
  columns: [
    'ring',
    'id',
    'version',
    'hint',
    'state',
    'created_at',
    'seals_at',
    'retires_at',
    'drops_at',
    'wrapped',
  ],
  migrationName: 'CreateSessionKeyTable',
  migrationDate: 1767225600001,
  calls: {
    create: 'createKeyTableSql',
    drop: 'dropKeyTableSql',
    migration: 'keyMigration',
    user: 'typeOrmKeyStore',
  },
  statements: (place, naming) => [
    `CREATE TABLE ${qualifiedName(place)} (
  "ring" text NOT NULL,
  "id" int4 NOT NULL,
  "version" int4 NOT NULL,
  "hint" text NOT NULL,
  "state" text NOT NULL,
  "created_at" timestamptz NOT NULL,
  "seals_at" timestamptz NOT NULL,
  "retires_at" timestamptz,
  "drops_at" timestamptz,
  "wrapped" bytea NOT NULL,
  CONSTRAINT ${quote(primaryKeyName(place, 'ring', naming))} PRIMARY KEY ("ring", "id")
)`,
  ],
};

/** Returns the statements that create the table of `pgKeyStore` and `typeOrmKeyStore`. `dataSource` is the DataSource that
 *  runs them: the table gets its schema and prefix. */
export const createKeyTableSql = (where: SessionTable = {}, dataSource?: TableNaming): string[] =>
  createSql(KEY_TABLE, where, dataSource);

/** Returns the statements that drop the table. */
export const dropKeyTableSql = (where: SessionTable = {}, dataSource?: TableNaming): string[] =>
  dropSql(KEY_TABLE, where, dataSource);
