import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTableSql, dropTableSql, type SessionTable } from './session-table.js';

/** A TypeORM migration class that makes the session table; hand it to `migrations` of the DataSource.
 *  Each table has its own, named after it. */
export function sessionMigration(where: SessionTable = {}): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = `CreateSessionTable${pascal(where.schema)}${pascal(where.table)}1767225600000`;

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of createTableSql(where)) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of dropTableSql(where)) await runner.query(statement);
    }
  };
}

const pascal = (name = '') =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
