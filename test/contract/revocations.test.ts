import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { memoryRevocation, type RevocationSource } from 'nestjs-session-crypto';
import { createTableSql, sqlRevocation } from 'nestjs-session-crypto/pg';
import { sqlRevocation as typeOrmRevocation } from 'nestjs-session-crypto/typeorm';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { REVOCATION_CONTRACT } from '../support/revocation-contract.js';

let database: TestDatabase;
let pglite: PGlite;

beforeAll(async () => {
  database = await testDatabase();
  pglite = await PGlite.create({ loadDataDir: await dataDir() });
  for (const sql of createTableSql()) await pglite.query(sql);
});
afterAll(async () => {
  await database.close();
  await pglite.close();
});

const SOURCES: Record<string, () => RevocationSource> = {
  memoryRevocation: () => memoryRevocation(),
  'sqlRevocation on a pool': () => sqlRevocation({ pool: poolOf(database), table: database.table }),
  'sqlRevocation on a query function': () =>
    sqlRevocation({ query: (text, values) => pglite.query(text, values) }),
  'sqlRevocation through TypeORM': () =>
    typeOrmRevocation({ dataSource: database.dataSource, table: database.table }),
};

describe.each(Object.entries(SOURCES))('%s', (_, make) => {
  it.each(REVOCATION_CONTRACT)('%s', async (_title, run) => {
    const source = make();
    await source.store.open?.(() => undefined);
    await run(source);
    await source.store.close?.();
  });
});
