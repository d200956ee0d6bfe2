import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgStore, type PgStore } from 'nestjs-session-crypto/pg';
import { onServer, poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { logInAtOnce } from '../support/login-processes.js';

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

  it('leave as many sessions as the limit allows, and refuse the others', { timeout: 120_000 }, async () => {
    expect(await logInAtOnce(store, 'ada', environment('refuse'))).toEqual({
      most: 5,
      left: 5,
      answers: { 201: 5, 409: 45 },
    });
  });

  it('never exceed the limit while each ends the oldest', { timeout: 120_000 }, async () => {
    expect(await logInAtOnce(store, 'bob', environment('endOldest'))).toEqual({
      most: 5,
      left: 5,
      answers: { 201: 50 },
    });
  });
});
