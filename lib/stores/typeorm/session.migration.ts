import type { MigrationInterface } from 'typeorm';
import { checkLayout } from '../sql/partitions.js';
import { placeOnly, sessionTable, type SessionTableLayout } from '../sql/session-table.js';
import { tableMigration } from './table.migration.js';

/** Returns a TypeORM migration class that creates the session table, with the schema and prefix of the DataSource that runs
 *  it. Add it to `migrations` of the DataSource. The migrations of two tables have two names, so one DataSource can run
 *  both. It rejects with a SessionConfigError if there is a table of this name. */
export function sessionMigration(where: SessionTableLayout = {}): new () => MigrationInterface {
  checkLayout('sessionMigration()', where);
  return tableMigration(sessionTable(where), placeOnly(where));
}
