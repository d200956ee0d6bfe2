import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { memoryStore, type SessionStore } from 'nestjs-session-crypto';
import { createTableSql, pgStore } from 'nestjs-session-crypto/pg';
import { storeContract } from 'nestjs-session-crypto/testing';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import type { DataSource } from 'typeorm';
import { openTypeOrm03, poolOf, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

/** A DataSource of TypeORM 0.3 to the same database. */
let oldDataSource: DataSource;

/** A database that runs in this process, without `pg`. */
let pglite: PGlite;

beforeAll(async () => {
  pglite = await PGlite.create({ loadDataDir: await dataDir() });
  for (const sql of createTableSql()) await pglite.query(sql);
  database = await testDatabase();
  oldDataSource = await openTypeOrm03(database.dataSource.options);
});
afterAll(async () => {
  await oldDataSource.destroy();
  await database.close();
  await pglite.close();
});

const STORES: Record<string, () => SessionStore> = {
  memoryStore: () => memoryStore(),
  'typeOrmStore on the pool': () => typeOrmStore(database),
  'typeOrmStore without prepared statements': () => typeOrmStore({ ...database, prepared: false }),
  'typeOrmStore through query runners': () =>
    typeOrmStore({ ...database, dataSource: withoutPool(database) }),
  'pgStore on a pool': () => pgStore({ pool: poolOf(database), table: database.table }),
  'pgStore on a query function': () =>
    pgStore({ pool: (text, values) => poolOf(database).query(text, values), table: database.table }),
  'pgStore on PGlite': () => pgStore({ pool: pglite }),
  'typeOrmStore on TypeORM 0.3': () => typeOrmStore({ ...database, dataSource: oldDataSource }),
};

describe.each(Object.entries(STORES))('%s', (_, make) => {
  for (const { title, run } of storeContract)
    it(title, async () => {
      const store = make();
      await store.open?.(() => undefined);
      await run(store);
    });
});

/** Returns the DataSource with a driver that has no pg pool in the field that we read. */
const withoutPool = ({ dataSource }: TestDatabase): typeof dataSource =>
  Object.create(dataSource, {
    driver: { value: {} },
    createQueryRunner: { value: () => dataSource.createQueryRunner() },
  }) as typeof dataSource;
