import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTableSql, dropTableSql, type SessionTable } from './session-table.js';

/** Returns a TypeORM migration class that creates the session table. Add it to `migrations` of the DataSource. The
 *  migrations of two tables have two names, so one DataSource can run both. */
export function sessionMigration(where: SessionTable = {}): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = `CreateSessionTable${pascalCase(where.schema)}${pascalCase(where.table)}1767225600000`;

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of createTableSql(where)) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of dropTableSql(where)) await runner.query(statement);
    }
  };
}

const pascalCase = (name = '') =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
