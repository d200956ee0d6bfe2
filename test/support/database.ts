import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { DataSource as DataSource03, type DataSourceOptions as Options03 } from 'typeorm03';
import { sessionMigration } from 'nestjs-session-crypto/typeorm';
import { PGliteStream } from '../../sample-app/database/pglite-stream.js';

/** A database of the test's own: on the server that TEST_DATABASE_URL names, else PGlite in this process. */
export interface TestDatabase {
  readonly dataSource: DataSource;
  /** A table that nobody else uses, made by our migration. */
  readonly table: string;
  /** Another connection to the same database, as another process would have it. Only on a server. */
  connect(): Promise<DataSource>;
  close(): Promise<void>;
}

export const onServer = process.env['TEST_DATABASE_URL'] !== undefined;

export async function testDatabase(): Promise<TestDatabase> {
  const table = `session_${randomBytes(6).toString('hex')}`;
  const pglite = onServer ? undefined : await PGlite.create({ loadDataDir: await dataDir() });
  const dataSource = await (pglite ? onPglite(pglite) : onUrl()).initialize();
  const others: DataSource[] = [];
  await migrate(dataSource, table);
  return {
    dataSource,
    table,
    async connect() {
      const other = await onUrl().initialize();
      others.push(other);
      return other;
    },
    async close() {
      for (const other of others) await other.destroy();
      await dataSource.query(`DROP TABLE "${table}"`);
      await dataSource.destroy();
      await pglite?.close();
    },
  };
}

/** The pool of `pg` that the DataSource uses. */
export const poolOf = ({ dataSource }: TestDatabase): Pool =>
  (dataSource.driver as unknown as { master: Pool }).master;

/** Returns an open DataSource of TypeORM 0.3, with the type of the other major. */
export const openTypeOrm03 = async (options: DataSourceOptions): Promise<DataSource> =>
  (await new DataSource03(options as Options03).initialize()) as unknown as DataSource;

function onPglite(pglite: PGlite): DataSource {
  const extra = { stream: () => new PGliteStream(pglite), connectionTimeoutMillis: 5000 };
  return new DataSource({ type: 'postgres', username: 'postgres', database: 'postgres', poolSize: 1, extra });
}

function onUrl(): DataSource {
  return new DataSource({ type: 'postgres', url: process.env['TEST_DATABASE_URL']!, poolSize: 8 });
}

async function migrate(dataSource: DataSource, table: string): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await new (sessionMigration({ table }))().up(runner);
  await runner.release();
}
