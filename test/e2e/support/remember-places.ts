import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { createTableSql, dropTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import type { RememberMeOptions } from '../../../lib/remember-me/index.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { ADAPTER_NAMES, rememberApps, type Setup } from './remember-app.js';

type MakeSetup = (more?: Partial<RememberMeOptions>) => Setup;

const inMemory: MakeSetup = (more) => ({ remember: { store: memoryStore(), ...more } });

/** Returns {@link rememberApps} with a database that has a table of series. Both tables are emptied after each test, once the
 *  applications are closed. Call it at the top of a test file. */
export function rememberPlaces() {
  let database: TestDatabase;
  const table = `remember_${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    database = await testDatabase();
    for (const sql of createTableSql({ table })) await database.dataSource.query(sql);
  });
  afterAll(async () => {
    for (const sql of dropTableSql({ table })) await database.dataSource.query(sql);
    await database.close();
  });
  // Vitest runs these hooks in reverse order, so the applications close first.
  afterEach(async () => {
    for (const name of [table, database.table]) await database.dataSource.query(`TRUNCATE "${name}"`);
  });

  const inPostgres: MakeSetup = (more) => ({
    session: { store: typeOrmStore(database) },
    remember: { store: typeOrmStore({ dataSource: database.dataSource, table }), ...more },
  });
  /** Both adapters with series in both stores. */
  const everywhere = ADAPTER_NAMES.flatMap((adapter) => [
    { adapter, place: 'memory', setup: inMemory },
    { adapter, place: 'postgres', setup: inPostgres },
  ]);
  const query = (sql: string): Promise<unknown> => database.dataSource.query(sql);
  return { ...rememberApps(), everywhere, inPostgres, table, query };
}
