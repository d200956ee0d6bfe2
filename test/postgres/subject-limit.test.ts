import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgStore, type PgStore } from 'nestjs-session-crypto/pg';
import { onServer, poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { logInAtOnce, UNDER_A_LIMIT } from '../support/login-processes.js';

let database: TestDatabase;
let store: PgStore;

if (!onServer) console.log('test/postgres is left out: it needs a server, so run `npm run test:pg`');

describe.skipIf(!onServer)('fifty logins of one subject at once on two processes', () => {
  beforeAll(async () => {
    database = await testDatabase();
    store = pgStore({ pool: poolOf(database), table: database.table });
    await store.open(() => undefined);
  });
  afterAll(() => database.close());

  const environment = (whenFull: string) => ({
    DATABASE_URL: process.env['TEST_DATABASE_URL']!,
    TABLE: database.table,
    LIMIT: '5',
    WHEN_FULL: whenFull,
  });

  it.each(UNDER_A_LIMIT)('never exceed the limit by %s', { timeout: 120_000 }, async (whenFull, outcome) => {
    expect(await logInAtOnce(store, `ada-${whenFull}`, environment(whenFull))).toEqual(outcome);
  });
});
