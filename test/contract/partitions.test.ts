import { createHash, randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStore } from 'nestjs-session-crypto';
import { storeContract } from 'nestjs-session-crypto/testing';
import { createTableSql, sessionEntity, sessionMigration, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';

const PARTITIONS = 4;
const table = `divided_${randomBytes(6).toString('hex')}`;
const where = { table, partitions: PARTITIONS };

let database: TestDatabase;
let dataSource: DataSource;
let store: SessionStore;

const query = async <R>(sql: string): Promise<R[]> => (await dataSource.query(sql)) as R[];

async function migrate(step: 'up' | 'down'): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await new (sessionMigration(where))()[step](runner);
  await runner.release();
}

beforeAll(async () => {
  database = await testDatabase();
  ({ dataSource } = database);
  await migrate('up');
  store = typeOrmStore({ dataSource, ...where });
  await store.open!(() => undefined);
});
afterAll(async () => {
  await store.close!();
  await migrate('down');
  await database.close();
});

describe('the table of sessions in partitions', () => {
  it.each(storeContract.map(({ title, run }) => [title, run] as const))('%s', (_, run) => run(store));

  /** Every partition counts its rows from the same place on, so a place alone says nothing about which row it is. */
  it('prunes what has expired and nothing else, although rows of several partitions have the same place', async () => {
    await query(`DELETE FROM "${table}"`);
    await query(`INSERT INTO "${table}" SELECT sha256(i::text::bytea), '', NULL, now(), now(),
      now() + CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * interval '1 hour', 1, 0 FROM generate_series(1, 200) AS i`);
    const places = await query<{ ctid: string }>(`SELECT DISTINCT ctid::text FROM "${table}"`);
    expect(places.length).toBeLessThan(100);
    const small = typeOrmStore({ dataSource, table, pruneBatch: 30 });
    await small.open(() => undefined);
    expect([await small.prune(), await small.prune()]).toEqual([100, 0]);
    expect(await query(`SELECT FROM "${table}" WHERE "deadline" > now()`)).toHaveLength(100);
    await small.close();
  });

  it('counts its pages in all partitions, so that a large table is estimated', async () => {
    const [row] = await query<{ pages: number }>(
      `SELECT (sum(pg_relation_size(inhrelid)) / 8192)::int4 AS pages FROM pg_inherits WHERE inhparent = '"${table}"'::regclass`,
    );
    expect(row!.pages).toBeGreaterThan(0);
    expect(await store.estimate!()).toBe(await store.count!());
  });

  it('is not pruned by a store that took it for one table before it was divided', async () => {
    const name = `swapped_${randomBytes(6).toString('hex')}`;
    for (const sql of createTableSql({ table: name })) await query(sql);
    const early = typeOrmStore({ dataSource, table: name });
    await early.open(() => undefined);
    await query(`DROP TABLE "${name}"`);
    for (const sql of createTableSql({ table: name, partitions: 2 })) await query(sql);
    await query(`INSERT INTO "${name}" SELECT sha256(i::text::bytea), '', NULL, now(), now(),
      now() + CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * interval '1 hour', 1, 0 FROM generate_series(1, 100) AS i`);
    expect(await early.prune()).toBe(0);
    expect(await query(`SELECT FROM "${name}" WHERE "deadline" > now()`)).toHaveLength(50);
    await early.close();
    await query(`DROP TABLE "${name}"`);
  });

  it('joins loads that wait in the same tick, with keys of all partitions and of none', async () => {
    const keys = Array.from({ length: 40 }, (_, i) =>
      createHash('sha256')
        .update(`${i + 1}`)
        .digest(),
    );
    await query(`DELETE FROM "${table}"`);
    await query(`INSERT INTO "${table}" SELECT sha256(i::text::bytea), 'x', NULL, now(), now(),
      now() + interval '1 hour', i, 0 FROM generate_series(1, 20) AS i`);
    const loaded = await Promise.all(keys.map((key) => store.load(key)));
    expect(loaded.map((row) => row?.version)).toEqual(keys.map((_, i) => (i < 20 ? i + 1 : undefined)));
  });

  it('looks for one key in one partition', async () => {
    const plan = await query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT FROM "${table}" WHERE "key" = sha256('1'::bytea)`,
    );
    const read = plan.filter((line) => line['QUERY PLAN'].includes(`${table}_p`));
    expect(read.length).toBeLessThanOrEqual(2);
  });

  it('is as TypeORM expects it from the entity, so that migration:generate finds nothing to change', async () => {
    const other = await new DataSource({
      ...dataSource.options,
      entities: [sessionEntity(where)],
    }).initialize();
    const { upQueries } = await other.driver.createSchemaBuilder().log();
    await other.destroy();
    expect(upQueries.map(({ query: sql }) => sql)).toEqual([]);
  });
});

describe('a table that is divided later, as docs/scale.md says', () => {
  it('keeps its sessions', async () => {
    const name = `later_${randomBytes(6).toString('hex')}`;
    for (const sql of createTableSql({ table: name })) await query(sql);
    const key = createHash('sha256').update('1').digest();
    await query(`INSERT INTO "${name}" SELECT sha256(i::text::bytea), 'x', NULL, now(), now(),
      now() + interval '1 hour', 7, 0 FROM generate_series(1, 50) AS i`);
    const names = createTableSql({ table: name })
      .join()
      .match(/(?:PK|IDX)_\w+/g)!;
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`ALTER TABLE "${name}" RENAME TO "${name}_whole"`);
    for (const one of names) await runner.query(`ALTER INDEX "${one}" RENAME TO "${one}_whole"`);
    for (const sql of createTableSql({ table: name, partitions: 2 })) await runner.query(sql);
    await runner.query(`INSERT INTO "${name}" SELECT * FROM "${name}_whole" WHERE "deadline" > now()`);
    await runner.commitTransaction();
    await runner.release();
    const divided = typeOrmStore({ dataSource, table: name, partitions: 2 });
    await divided.open(() => undefined);
    expect([(await divided.load(key))?.version, await divided.count()]).toEqual([7, 50]);
    await divided.close();
    await query(`DROP TABLE "${name}", "${name}_whole"`);
  });
});

describe('the option partitions', () => {
  it('is a whole number from 2 to 1000, in the store, the migration and the printed SQL', () => {
    for (const partitions of [1, 1001, 2.5, Number.NaN, '16' as never])
      for (const act of [createTableSql, sessionMigration, typeOrmStore])
        expect(() => act({ partitions })).toThrow(
          /store.partitions: is .*; allowed is a whole number from 2 to 1000/,
        );
  });

  it('hints at its name', () => {
    expect(() => createTableSql({ partition: 4 } as never)).toThrow(
      /createTableSql\(\).partition.*partitions/,
    );
  });

  it('stops the start if the table is divided otherwise', async () => {
    const other = typeOrmStore({ dataSource, table, partitions: 8 });
    await expect(other.open(() => undefined)).rejects.toMatchObject({
      faults: [{ path: 'store.partitions', message: expect.stringContaining('has 4 partitions') as string }],
    });
    const whole = typeOrmStore({ ...database, partitions: 8 });
    await expect(whole.open(() => undefined)).rejects.toMatchObject({
      faults: [{ path: 'store.partitions', message: expect.stringContaining('is one table') as string }],
    });
  });

  it('is in the SQL that the start prints for a table that does not exist', async () => {
    const missing = typeOrmStore({ dataSource, table: 'missing', partitions: 3 });
    await expect(missing.open(() => undefined)).rejects.toThrow(/missing_p2" PARTITION OF/);
  });
});
