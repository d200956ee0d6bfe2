import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { COLUMNS_SQL, describeTable } from '../sql/foreign-table.js';
import {
  COLUMNS,
  createTableSql,
  dropTableSql,
  type SessionTable,
  type TableNaming,
} from '../sql/session-table.js';
import { checkTable, placeOf, qualifiedName } from '../sql/table-place.js';

/** Returns a TypeORM migration class that creates the session table, with the schema and prefix of the DataSource that runs
 *  it. Add it to `migrations` of the DataSource. The migrations of two tables have two names, so one DataSource can run
 *  both. It rejects with a SessionConfigError if there is a table of this name. */
export function sessionMigration(where: SessionTable = {}): new () => MigrationInterface {
  checkTable('sessionMigration()', where);
  return class implements MigrationInterface {
    readonly name = migrationName(where);

    async up(runner: QueryRunner): Promise<void> {
      await refuseExisting(where, runner);
      for (const statement of createTableSql(where, namingOf(runner))) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of dropTableSql(where, namingOf(runner))) await runner.query(statement);
    }
  };
}

/** TypeORM 1 has renamed the field. */
const namingOf = (runner: QueryRunner): TableNaming => runner.dataSource ?? runner.connection;

/** Looks before anything is created, because a failed statement ends the transaction of the migration. */
async function refuseExisting(where: SessionTable, runner: QueryRunner): Promise<void> {
  const name = qualifiedName(placeOf(where, namingOf(runner)));
  const rows = (await runner.query(COLUMNS_SQL, [name])) as { name: string }[];
  if (!rows.length) return;
  const columns = rows.map((row) => row.name);
  const isOurs = COLUMNS.every((column) => columns.includes(column));
  const message = isOurs
    ? `the table ${name} is there and has the right columns; something else has created it, such as the printed SQL; ` +
      'remove sessionMigration() from the migrations, or record it as done (typeorm migration:run --fake)'
    : `the table ${name} ${describeTable(columns)}; choose another table in sessionMigration({ table }) and typeOrmStore({ table })`;
  throw new SessionConfigError([{ path: 'sessionMigration', message }]);
}

/** The hash keeps names apart that differ only in case or in other characters than letters and digits. */
function migrationName({ table, schema }: SessionTable): string {
  const named = table !== undefined || schema !== undefined;
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, table]))
    .digest('hex')
    .slice(0, 8);
  return `CreateSessionTable${named ? `${pascalCase(schema)}${pascalCase(table)}_${hash}_` : ''}1767225600000`;
}

const pascalCase = (name = '') =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
