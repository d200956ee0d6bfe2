import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieStore, managedRing, memoryStore } from 'nestjs-session-crypto';
import { pgKeyStore, pgStore, sqlRevocation } from 'nestjs-session-crypto/pg';
import { typeOrmKeyStore, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { indexName } from '../../lib/stores/sql/table-place.js';
import { command } from '../support/command.js';
import { cleanUp } from '../support/cleanup.js';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { SECRET } from '../support/test-app.js';

let place: TestDatabase;
beforeAll(async () => void (place = await testDatabase()));
afterAll(() => place.close());

const newTable = () => `made_${randomBytes(6).toString('hex')}`;
const migrate = (options: object, ...args: string[]) => command(['migrate', ...args], options);

/** Everything that a table with this name has: columns, and its indexes. */
async function shapeOf({ dataSource }: TestDatabase, table: string) {
  const columns =
    'SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position';
  const indexes = `SELECT replace(replace(indexdef, $1, 'T'), substring(indexname from '^(?:IDX|PK)_.*'), 'N') AS def FROM pg_indexes WHERE tablename = $1 ORDER BY 1`;
  return [await dataSource.query(columns, [table]), await dataSource.query(indexes, [table])] as unknown[];
}

describe('session-crypto migrate', () => {
  it('creates the tables of sessions and keys, once, as the migrations do', async () => {
    const [table, keys] = [newTable(), newTable()];
    const options = {
      crypto: {
        secrets: [SECRET],
        ring: managedRing({ store: pgKeyStore({ pool: poolOf(place), table: keys }) }),
      },
      store: pgStore({ pool: poolOf(place), table }),
    };
    expect(await migrate(options)).toEqual({
      status: 0,
      out: `"${keys}" (keys): created\n"${table}" (sessions): created\n`,
      err: '',
    });
    expect(await shapeOf(place, table)).toEqual(await shapeOf(place, place.table));
    const again = await migrate(options, '--json');
    expect(JSON.parse(again.out)).toEqual({
      tables: [
        { of: 'keys', table: `"${keys}"`, created: false },
        { of: 'sessions', table: `"${table}"`, created: false },
      ],
    });
    expect(await command(['sessions', 'count'], options)).toMatchObject({
      status: 78, // no process has made a key yet
      err: expect.stringContaining('the store of keys is empty') as string,
    });
    for (const one of [table, keys]) await place.dataSource.query(`DROP TABLE "${one}"`);
  });

  it('takes the DataSource of TypeORM, a schema, partitions, and names with quotes and backslashes', async () => {
    const { dataSource } = place;
    const [schema, table] = [newTable(), `it's \\"${newTable()}\\`];
    await dataSource.query(`CREATE SCHEMA ${schema}`);
    cleanUp(() => dataSource.query(`DROP SCHEMA ${schema} CASCADE`));
    const store = typeOrmStore({ dataSource, schema, table, partitions: 3 });
    const ring = managedRing({ store: typeOrmKeyStore({ dataSource, schema }) });
    const { status, out } = await migrate({ crypto: { secrets: [SECRET], ring }, store });
    expect([status, out.match(/created/g)]).toEqual([0, ['created', 'created']]);
    const parts =
      'SELECT count(*)::int AS n FROM pg_inherits JOIN pg_class ON oid = inhparent WHERE relname = $1';
    expect(await dataSource.query(parts, [table])).toEqual([{ n: 3 }]);
  });

  it('creates the table of revocations', async () => {
    const table = newTable();
    const store = cookieStore({ revocation: sqlRevocation({ pool: poolOf(place), table }) });
    expect((await migrate({ store })).out).toBe(`"${table}" (revocations): created\n`);
    await place.dataSource.query(`DROP TABLE "${table}"`);
  });

  it.each([
    [
      'sid varchar PRIMARY KEY, sess json, expire timestamp',
      'belongs to connect-pg-simple (express-session)',
    ],
    [
      'key bytea, sealed bytea, other text',
      'is the table of another program: its columns are "key", "sealed", "other"',
    ],
  ])('refuses a table with the columns %s, and changes nothing', async (columns, said) => {
    const table = newTable();
    await place.dataSource.query(`CREATE TABLE ${table} (${columns})`);
    const before = await shapeOf(place, table);
    const { status, out, err } = await migrate({ store: pgStore({ pool: poolOf(place), table }) });
    expect([status, out]).toEqual([78, '']);
    expect(err).toBe(
      `session-crypto: store.table: "${table}" ${said}; nothing was changed; choose another table\n`,
    );
    expect(await shapeOf(place, table)).toEqual(before);
    await place.dataSource.query(`DROP TABLE ${table}`);
  });

  it.each([
    [[], (keys: string) => `"${keys}" (keys): created\n`],
    [
      ['--json'],
      (keys: string) =>
        `${JSON.stringify({ tables: [{ of: 'keys', table: `"${keys}"`, created: true }] }, null, 2)}\n`,
    ],
  ])('prints the table that it has made before one is refused, by %j', async (args, printed) => {
    const [table, keys] = [newTable(), newTable()];
    await place.dataSource.query(`CREATE TABLE ${table} (key bytea, sealed bytea, other text)`);
    const ring = managedRing({ store: pgKeyStore({ pool: poolOf(place), table: keys }) });
    const options = { crypto: { secrets: [SECRET], ring }, store: pgStore({ pool: poolOf(place), table }) };
    const { status, out, err } = await migrate(options, ...args);
    expect([status, out]).toEqual([78, printed(keys)]);
    expect(err).toContain('is the table of another program');
    for (const one of [table, keys]) await place.dataSource.query(`DROP TABLE "${one}"`);
  });

  it('creates all or nothing: an index of another table has the name of ours', async () => {
    const table = newTable();
    const store = pgStore({ pool: poolOf(place), table });
    const index = indexName({ table }, 'deadline', undefined);
    await place.dataSource.query(`CREATE INDEX "${index}" ON "${place.table}" ("deadline")`);
    const { status, err } = await migrate({ store });
    expect([status, err]).toEqual([
      78,
      expect.stringContaining('one of its names belongs to something else'),
    ]);
    expect(await shapeOf(place, table)).toEqual([[], []]);
  });

  it('has nothing to do for a store without a table', async () => {
    expect(await migrate({ store: memoryStore() })).toEqual({
      status: 0,
      out: 'nothing to do: sessions in "memory" need no table\n',
      err: '',
    });
  });

  it('ends with 69 where the database does not answer', async () => {
    const query = () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));
    const { status, out, err } = await migrate({ store: pgStore({ pool: query }) });
    expect([status, out, err]).toEqual([69, '', expect.stringContaining('(ECONNREFUSED)')]);
    expect(err).not.toContain('hunter2');
  });
});
