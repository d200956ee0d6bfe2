import { afterAll, beforeAll, describe } from 'vitest';
import { pgStore } from 'nestjs-session-crypto/pg';
import { onServer, poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { storedStories } from '../unit/cli/cookie/support/stored-stories.js';

let database: TestDatabase;

describe.skipIf(!onServer)('session-crypto cookie, of sessions in PostgreSQL', () => {
  beforeAll(async () => void (database = await testDatabase()));
  afterAll(() => database.close());
  storedStories('postgres', () => ({ store: pgStore({ pool: poolOf(database), table: database.table }) }));
});
