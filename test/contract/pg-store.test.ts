import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionConfigError, type SessionRow } from 'nestjs-session-crypto';
import { pgStore, type PgStoreOptions, type QueryFunction } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function open(pool: PgStoreOptions['pool']) {
  const store = pgStore({ pool, table: database.table });
  await store.open(() => undefined);
  return store;
}

const freshRow = (): SessionRow => ({
  key: randomBytes(32),
  sealed: randomBytes(500),
  subject: 'ada',
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});

const onPool: QueryFunction = (text, values) => poolOf(database).query(text, values);

/** The message of what `make` throws. */
function faultOf(options: unknown): string {
  try {
    pgStore(options as PgStoreOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as Error).message;
  }
  return 'no fault';
}

describe('pgStore', () => {
  it('shares the table with typeOrmStore: the same rows, statements and kind', async () => {
    const ours = await open(poolOf(database));
    const typeorm = typeOrmStore(database);
    await typeorm.open(() => undefined);
    const row = freshRow();
    const written = await statementsOf(() => ours.create(row));
    expect((await typeorm.load(row.key))?.sealed).toEqual(row.sealed);
    expect([ours.kind, ours.name]).toEqual([typeorm.kind, typeorm.name]);
    const read = (store: typeof ours | typeof typeorm) => statementsOf(() => store.load(row.key));
    expect(await read(ours)).toEqual(await read(typeorm));
    expect([written.length, (await read(ours)).length]).toEqual([1, 1]);
  });

  it('leaves the pool open when it closes, and works when it is opened again', async () => {
    const store = await open(poolOf(database));
    const row = freshRow();
    await store.create(row);
    await store.close();
    expect((await poolOf(database).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await store.open(() => undefined);
    expect((await store.load(row.key))?.version).toBe(1);
  });

  it('locks rows on a pool, and has no lock on a query function', async () => {
    expect((await open(poolOf(database))).updateLocked).toBeTypeOf('function');
    expect((await open(onPool)).updateLocked).toBeUndefined();
    expect((await open({ query: onPool })).updateLocked).toBeUndefined();
  });

  it.each([
    ['a cause', (error: object) => ({ cause: { meta: error, code: 'P2010' } })],
    [
      'Prisma 7',
      ({ code: originalCode }: { code?: string }) => ({
        code: 'P2010',
        meta: { driverAdapterError: { cause: { kind: 'UniqueConstraintViolation', originalCode } } },
      }),
    ],
  ])('finds the SQLSTATE in the error of a wrapper: %s', async (_, inside) => {
    const wrapped = (error: object) => {
      throw Object.assign(new Error('Failed query'), inside(error));
    };
    const store = await open((text, values) => onPool(text, values).then(undefined, wrapped));
    const row = freshRow();
    await store.create(row);
    await expect(store.create(row)).rejects.toMatchObject({ reason: 'duplicate' });
  });

  it('waits for a query function no longer than its limit', async () => {
    let answers = true;
    const store = pgStore({
      pool: (text, values) => (answers ? onPool(text, values) : new Promise(() => undefined)),
      table: database.table,
    });
    await store.open(() => undefined, { timeout: 1000 });
    answers = false;
    await expect(store.create(freshRow())).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('rejects when a query function fails and names no error', async () => {
    let answers = true;
    const store = await open((text, values) => (answers ? onPool(text, values) : Promise.reject())); // oxlint-disable-line typescript/prefer-promise-reject-errors
    answers = false;
    await expect(store.load(randomBytes(32))).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
  });

  it('accepts numbers as texts and bigints, as clients return int8', async () => {
    for (const one of [String, BigInt]) {
      const store = await open(async (text, values) => {
        const { rows } = await onPool(text, values);
        return { rows: rows.map((row) => mapped(row as Record<string, unknown>, one)) };
      });
      const row = freshRow();
      await store.create(row);
      const loaded = await store.load(row.key);
      expect([loaded?.version, loaded?.state, loaded?.sealed]).toEqual([1, 'live', row.sealed]);
      const [listed] = await store.list('ada');
      expect(Math.abs(listed!.createdAt.getTime() - Date.now())).toBeLessThan(600_000);
      expect(await store.destroySubject('ada', new Date(Date.now() + 60_000), undefined)).toBeGreaterThan(0);
    }
  });

  it('prunes all that has expired, whatever the function says of the number of rows', async () => {
    const store = pgStore({
      pool: async (text, values) => ({ rows: (await onPool(text, values)).rows }),
      table: database.table,
      pruneBatch: 3,
    });
    await store.open(() => undefined);
    for (let i = 0; i < 10; i++) await store.create({ ...freshRow(), deadline: new Date(Date.now() - 1000) });
    expect(await store.prune()).toBe(10);
  });
});

/** The row with its numbers in another form. */
const mapped = (row: Record<string, unknown>, form: (n: number) => unknown) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      /^(?:version|state|now|count|sharded|\w+_at)$/.test(name) ? form(Number(value)) : value,
    ]),
  );

describe('the options of pgStore', () => {
  it.each([
    [undefined, 'store.pool: is undefined'],
    [{}, 'store.pool: is undefined'],
    [{ pool: 'postgres://localhost' }, 'store.pool: is a string'],
    [{ connectionString: 'postgres://localhost' }, 'write { pool: new Pool({ connectionString }) }'],
    [{ client: {} }, 'write { pool: client }'],
    [{ query: () => undefined }, 'write { pool: query }'],
    [{ dataSource: {} }, 'use typeOrmStore({ dataSource })'],
  ])('%o are refused: %s', (options, message) => {
    expect(faultOf(options)).toContain(message);
  });

  it('name the other store for a DataSource', () => {
    expect(faultOf({ pool: database.dataSource })).toContain('use typeOrmStore({ dataSource })');
  });

  it('show no password: the store prints none of them', async () => {
    const { inspect } = await import('node:util');
    const secret = { pool: { query: onPool, password: 'hunter2' } };
    expect(inspect(pgStore(secret), { depth: 9 })).not.toContain('hunter2');
  });

  it('are refused at the start if the function returns something else than rows', async () => {
    const pool = (async (text: string, values: unknown[]) => (await onPool(text, values)).rows) as never;
    await expect(open(pool)).rejects.toThrow(/store\.pool: .*\{ rows, rowCount \}/);
  });

  it('must name a table that is there; the error prints its SQL', async () => {
    const store = pgStore({ pool: poolOf(database), table: 'nowhere' });
    await expect(store.open(() => undefined)).rejects.toThrow('CREATE TABLE "nowhere"');
  });
});
