import { afterAll, beforeAll, describe } from 'vitest';
import { pgStore } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { sessionCommandStories } from '../support/session-commands.js';

describe('session-crypto sessions, over Postgres', () => {
  let place: TestDatabase;
  beforeAll(async () => void (place = await testDatabase()));
  afterAll(() => place.close());

  describe('through TypeORM', () => sessionCommandStories(async () => () => typeOrmStore(place)));

  describe('through a pool', () =>
    sessionCommandStories(async () => () => pgStore({ pool: poolOf(place), table: place.table })));
});
