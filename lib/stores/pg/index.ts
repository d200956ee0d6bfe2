export { PgKeyStore, pgKeyStore, type PgKeyStoreOptions } from './pg-key.store.js';
export { PgStore, pgStore, type PgStoreOptions } from './pg.store.js';
export { sqlRevocation, type SqlRevocationOptions } from './sql-revocation.js';
export type { Queryable, QueryFunction, QueryOutcome } from './query-connections.js';
export { createKeyTableSql, dropKeyTableSql } from '../sql/key-table.js';
export {
  createTableSql,
  dropTableSql,
  type SessionTable,
  type SessionTableLayout,
  type TableNaming,
} from '../sql/session-table.js';
