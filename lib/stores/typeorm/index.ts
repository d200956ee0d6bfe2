export { TypeOrmStore, typeOrmStore, type TypeOrmStoreOptions } from './typeorm.store.js';
export { sqlRevocation, type SqlRevocationOptions } from './sql-revocation.js';
export { sessionEntity, type SessionEntity } from './session.entity.js';
export { sessionMigration } from './session.migration.js';
export { createTableSql, dropTableSql, type SessionTable, type TableNaming } from '../sql/session-table.js';
