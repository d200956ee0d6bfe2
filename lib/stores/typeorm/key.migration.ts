import type { MigrationInterface } from 'typeorm';
import { KEY_TABLE } from '../sql/key-table.js';
import type { SessionTable } from '../sql/session-table.js';
import { tableMigration } from './table.migration.js';

/** Returns a TypeORM migration class that creates the table of `typeOrmKeyStore`, with the schema and prefix of the DataSource
 *  that runs it. It rejects with a SessionConfigError if there is a table of this name. */
export const keyMigration = (where: SessionTable = {}): new () => MigrationInterface =>
  tableMigration(KEY_TABLE, where);
