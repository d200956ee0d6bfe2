import { afterAll, beforeAll, describe } from 'vitest';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { lockStories } from '../support/lock-stories.js';

describe.skipIf(!onServer)('@SessionLock() of two processes with sessions in PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  lockStories(() => ({ TABLE: database.table, DATABASE_URL: process.env['TEST_DATABASE_URL']! }));
});
