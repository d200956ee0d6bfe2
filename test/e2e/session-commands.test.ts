import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { createKeyTableSql, pgKeyStore, pgStore } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { keyCommandStories } from '../support/key-commands.js';
import { sessionCommandStories } from '../support/session-commands.js';

describe('session-crypto sessions, over Postgres', () => {
  let place: TestDatabase;
  beforeAll(async () => void (place = await testDatabase()));
  afterAll(() => place.close());

  describe('through TypeORM', () => sessionCommandStories(async () => () => typeOrmStore(place)));

  describe('through a pool', () =>
    sessionCommandStories(async () => () => pgStore({ pool: poolOf(place), table: place.table })));

  describe('with keys in a table', () => {
    const table = `keys_${randomBytes(6).toString('hex')}`;
    beforeAll(async () => {
      for (const sql of createKeyTableSql({ table })) await place.dataSource.query(sql);
    });
    afterAll(() => place.dataSource.query(`DROP TABLE ${table}`));
    keyCommandStories(() => ({
      store: typeOrmStore(place),
      keys: pgKeyStore({ pool: poolOf(place), table }),
    }));
  });
});
