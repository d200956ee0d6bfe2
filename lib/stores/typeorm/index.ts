export { TypeOrmKeyStore, typeOrmKeyStore, type TypeOrmKeyStoreOptions } from './typeorm-key.store.js';
export { TypeOrmStore, typeOrmStore, type TypeOrmStoreOptions } from './typeorm.store.js';
export { sqlRevocation, type SqlRevocationOptions } from './sql-revocation.js';
export { keyMigration } from './key.migration.js';
export { sessionEntity, type SessionEntity } from './session.entity.js';
export { sessionMigration } from './session.migration.js';
export { createKeyTableSql, dropKeyTableSql } from '../sql/key-table.js';
export {
  createTableSql,
  dropTableSql,
  type SessionTable,
  type SessionTableLayout,
  type TableNaming,
} from '../sql/session-table.js';
