import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const open = (table: string) => typeOrmStore({ ...database, table }).open(() => undefined);
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
    const message = expect.stringContaining('choose another table') as string;
    await expect(open(table)).rejects.toMatchObject({ faults: [{ path: 'store.table', message }] });
    await database.dataSource.query(`DROP TABLE "${table}"`);
  });

  it('refuses a DataSource option of another kind, and another database', async () => {
    for (const dataSource of [5, {}, { type: 'mysql' }])
      await expect(
        typeOrmStore({ dataSource: dataSource as never }).open(() => undefined),
      ).rejects.toMatchObject({ faults: [{ path: 'store.dataSource' }] });
  });
});
