import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableSql, sessionMigration, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function open(table: string): Promise<void> {
  const store = typeOrmStore({ ...database, table });
  await store.open(() => undefined);
  await store.close();
}
const freeName = () => `start_${randomBytes(6).toString('hex')}`;

describe('typeOrmStore at start', () => {
  it('accepts the table that the migration makes', async () => {
    await expect(open(database.table)).resolves.toBeUndefined();
  });

  it('prints the SQL of a table that does not exist', async () => {
    const table = freeName();
    const message = expect.stringContaining(createTableSql({ table }).join(';\n')) as string;
    await expect(open(table)).rejects.toMatchObject({ faults: [{ path: 'store.table', message }] });
  });

  it('refuses a table that has other columns', async () => {
    const table = freeName();
    await database.dataSource.query(`CREATE TABLE "${table}" ("sid" text)`);
    const message = expect.stringMatching(
      /is the table of another program: its columns are "sid"; .*choose another table/,
    ) as string;
    await expect(open(table)).rejects.toMatchObject({ faults: [{ path: 'store.table', message }] });
    await database.dataSource.query(`DROP TABLE "${table}"`);
  });

  it.each([
    ['"sid" varchar, "sess" json, "expire" timestamp', /belongs to connect-pg-simple .*choose another table/],
    ['"id" varchar, "expiredAt" bigint, "json" text, "destroyedAt" timestamp', /belongs to connect-typeorm/],
    ['"key" text, "value" text, "expiry" bigint', /belongs to httpd's mod_session_dbd; dbdStore\(\)/],
    ['"session_key" text, "session_data" text, "expire_date" timestamptz', /belongs to Django/],
    ['"id" text, "user_id" int, "payload" text, "last_activity" int', /belongs to Laravel/],
  ])(
    'names the program of a foreign table (%s), in the store and in the migration',
    async (columns, says) => {
      const table = freeName();
      const { dataSource } = database;
      await dataSource.query(`CREATE TABLE "${table}" (${columns})`);
      const message = expect.stringMatching(says) as string;
      await expect(open(table)).rejects.toMatchObject({ faults: [{ path: 'store.table', message }] });
      const runner = dataSource.createQueryRunner();
      const migrated = new (sessionMigration({ table }))().up(runner);
      await expect(migrated).rejects.toMatchObject({ faults: [{ path: 'sessionMigration', message }] });
      await runner.release();
      await dataSource.query(`DROP TABLE "${table}"`);
    },
  );

  it('says in the migration that the table is ours already', async () => {
    const runner = database.dataSource.createQueryRunner();
    await expect(new (sessionMigration({ table: database.table }))().up(runner)).rejects.toMatchObject({
      faults: [
        { path: 'sessionMigration', message: expect.stringContaining('has the right columns') as string },
      ],
    });
    await runner.release();
  });

  const listeners = () =>
    (database.dataSource.driver as unknown as { master: EventEmitter }).master.listenerCount('connect');

  it('leaves nothing on the pool when it cannot start, starts twice, or is closed', async () => {
    const before = listeners();
    await expect(open(freeName())).rejects.toThrow();
    expect(listeners()).toBe(before);
    const store = typeOrmStore({ ...database, table: database.table });
    for (const _ of 'twice') await store.open(() => undefined);
    await store.close();
    expect(listeners()).toBe(before);
  });

  it('has one listener on the pool of a DataSource, however many stores use it', async () => {
    const before = listeners();
    const stores = Array.from({ length: 12 }, () => typeOrmStore({ ...database, table: database.table }));
    for (const store of stores) await store.open(() => undefined);
    expect(listeners()).toBe(before + 1);
    const [last, ...others] = stores;
    for (const store of others) await store.close();
    expect(await last!.count()).toBe(0);
    await last!.close();
    expect(listeners()).toBe(before);
  });

  it('refuses a DataSource option of another kind, and another database', async () => {
    for (const dataSource of [5, {}, { type: 'mysql' }])
      await expect(
        typeOrmStore({ dataSource: dataSource as never }).open(() => undefined),
      ).rejects.toMatchObject({ faults: [{ path: 'store.dataSource' }] });
  });
});
