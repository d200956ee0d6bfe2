import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeOrmStore, type TypeOrmStore } from 'nestjs-session-crypto/typeorm';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';

/** Sessions of nearly 2 KB, four on a page. */
const ROWS = 30_000;
let database: TestDatabase;
let store: TypeOrmStore;

describe.skipIf(!onServer)('a table of 30,000 sessions', () => {
  beforeAll(async () => {
    database = await testDatabase();
    await database.dataSource.query(
      `INSERT INTO "${database.table}" SELECT decode(md5(i::text) || md5(i::text), 'hex'),
         decode(repeat(md5(i::text), 110), 'hex'), CASE WHEN i <= 2500 THEN 'ada' END, now(),
         now() - i * interval '1 second', now() + CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END * interval '1 hour', 1, 0
       FROM generate_series(1, ${ROWS}) AS i`,
    );
    store = typeOrmStore(database);
    await store.open(() => undefined);
  });
  afterAll(() => database.close());

  it('is counted exactly, and estimated from a part of its pages', async () => {
    const live = (2 * ROWS) / 3;
    expect(await store.count()).toBe(live);
    const sent = await statementsOf(async () => {
      const estimate = await store.estimate();
      expect(Math.abs(estimate / live - 1)).toBeLessThan(0.25); // ten times the deviation that is expected
    });
    expect(sent[1]).toContain('TABLESAMPLE');
  });

  it('lists all sessions of a subject in pages, the last seen first', async () => {
    let listed: { lastSeenAt: Date }[] = [];
    const sent = await statementsOf(async () => {
      listed = await store.list('ada');
    });
    const times = listed.map(({ lastSeenAt }) => lastSeenAt.getTime());
    expect(listed).toHaveLength(2500 - 833);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(sent).toHaveLength(2);
  });
});
