import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { COLUMNS_SQL, describeTable } from '../sql/foreign-table.js';
import { checkTable, qualifiedName, type SessionTable, type TableNaming } from '../sql/table-place.js';
import { createSql, dropSql, placeIn, type TableSpec } from '../sql/table-spec.js';

/** Returns a TypeORM migration class that creates a table of this package, with the schema and prefix of the DataSource that
 *  runs it. The migrations of two tables have two names, so one DataSource can run both. It rejects with a
 *  SessionConfigError if there is a table of this name. */
export function tableMigration(spec: TableSpec, where: SessionTable): new () => MigrationInterface {
  checkTable(`${spec.calls.migration}()`, where);
  return class implements MigrationInterface {
    readonly name = migrationName(spec, where);

    async up(runner: QueryRunner): Promise<void> {
      await refuseExisting(spec, where, runner);
      for (const statement of createSql(spec, where, namingOf(runner))) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of dropSql(spec, where, namingOf(runner))) await runner.query(statement);
    }
  };
}

/** TypeORM 1 has renamed the field. */
const namingOf = (runner: QueryRunner): TableNaming => runner.dataSource ?? runner.connection;

/** Looks before anything is created, because a failed statement ends the transaction of the migration. */
async function refuseExisting(spec: TableSpec, where: SessionTable, runner: QueryRunner): Promise<void> {
  const name = qualifiedName(placeIn(spec, where, namingOf(runner)));
  const rows = (await runner.query(COLUMNS_SQL, [name])) as { name: string }[];
  if (!rows.length) return;
  const columns = rows.map((row) => row.name);
  const { migration, user } = spec.calls;
  const message = spec.columns.every((column) => columns.includes(column))
    ? `the table ${name} is there and has the right columns; something else has created it, such as the printed SQL; ` +
      `remove ${migration}() from the migrations, or record it as done (typeorm migration:run --fake)`
    : `the table ${name} ${describeTable(columns)}; choose another table in ${migration}({ table }) and ${user}({ table })`;
  throw new SessionConfigError([{ path: migration, message }]);
}

/** The hash keeps names apart that differ only in case or in other characters than letters and digits. */
function migrationName(spec: TableSpec, { table, schema }: SessionTable): string {
  const named = table !== undefined || schema !== undefined;
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, table]))
    .digest('hex')
    .slice(0, 8);
  return `${spec.migrationName}${named ? `${pascalCase(schema)}${pascalCase(table)}_${hash}_` : ''}${spec.migrationDate}`;
}

const pascalCase = (name = '') =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
