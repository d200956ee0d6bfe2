import type { MigrationInterface } from 'typeorm';
import { SESSION_TABLE, type SessionTable } from '../sql/session-table.js';
import { tableMigration } from './table.migration.js';

/** Returns a TypeORM migration class that creates the session table, with the schema and prefix of the DataSource that runs
 *  it. Add it to `migrations` of the DataSource. The migrations of two tables have two names, so one DataSource can run
 *  both. It rejects with a SessionConfigError if there is a table of this name. */
export const sessionMigration = (where: SessionTable = {}): new () => MigrationInterface =>
  tableMigration(SESSION_TABLE, where);
