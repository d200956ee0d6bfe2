import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dbdStore } from 'nestjs-session-crypto/apache';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { dbdTableSql } from '../../lib/apache/dbd/dbd-table.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const ROWS = 250;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe('prune', () => {
  it('removes all that has expired in one call, however many batches that takes', async () => {
    const store = typeOrmStore({ ...database, pruneBatch: 10 });
    await store.open(() => undefined);
    await database.dataSource.query(
      `INSERT INTO "${database.table}" SELECT decode(md5(i::text), 'hex'), '', NULL, now(), now(), now(), 1, 0
       FROM generate_series(1, ${ROWS}) AS i`,
    );
    expect([await store.prune(), await store.prune()]).toEqual([ROWS, 0]);
  });

  it("does so in httpd's table", async () => {
    const table = `dbd_${randomBytes(6).toString('hex')}`;
    for (const sql of dbdTableSql({ table })) await database.dataSource.query(sql);
    const store = dbdStore({ dataSource: database.dataSource, table, pruneBatch: 10 });
    await store.open(() => undefined);
    await database.dataSource.query(
      `INSERT INTO "${table}" SELECT md5(i::text), 'v', 1 FROM generate_series(1, ${ROWS}) AS i`,
    );
    expect([await store.prune(), await store.prune()]).toEqual([ROWS, 0]);
    await database.dataSource.query(`DROP TABLE "${table}"`);
  });
});
