import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow } from 'nestjs-session-crypto';
import { typeOrmStore, type TypeOrmStore, type TypeOrmStoreOptions } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function open(options: TypeOrmStoreOptions = {}): Promise<TypeOrmStore> {
  const store = typeOrmStore({ ...database, ...options });
  await store.open(() => undefined);
  return store;
}

const rowOf = (sealed: Buffer): SessionRow => ({
  key: randomBytes(32),
  sealed,
  subject: undefined,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});

async function stored(store: TypeOrmStore, n: number): Promise<SessionRow[]> {
  const rows = Array.from({ length: n }, (_, i) => rowOf(randomBytes(1 + 700 * i)));
  for (const row of rows) await store.create(row);
  return rows;
}

const loadAll = (store: TypeOrmStore, keys: readonly Buffer[]) =>
  Promise.all(keys.map((key) => store.load(key)));

describe('loads that wait in the same tick', () => {
  it('go as one statement, and each gets its own row', async () => {
    const store = await open();
    const rows = await stored(store, 8);
    let found: unknown[] = [];
    const sent = await statementsOf(async () => {
      found = (
        await loadAll(
          store,
          rows.map(({ key }) => key),
        )
      ).map((row) => [row?.key, row?.sealed]);
    });
    expect(found).toEqual(rows.map(({ key, sealed }) => [key, sealed]));
    expect(sent).toHaveLength(1);
  });

  it('are each answered where keys occur twice or lead to no row', async () => {
    const store = await open();
    const [first, second] = await stored(store, 2);
    const keys = [second!.key, randomBytes(32), first!.key, second!.key];
    const found = await loadAll(store, keys);
    expect(found.map((row) => row?.sealed)).toEqual([
      second!.sealed,
      undefined,
      first!.sealed,
      second!.sealed,
    ]);
    expect(found[0]!.sealed.buffer === found[3]!.sealed.buffer && found[0] === found[3]).toBe(false);
  });

  it('see a tombstone and no row whose deadline has passed, as a single load does', async () => {
    const store = await open();
    const [ended, expired] = await stored(store, 2);
    await store.destroy(ended!.key, new Date(Date.now() + 60_000));
    const late = { ...rowOf(randomBytes(9)), deadline: new Date(Date.now() - 1000) };
    await store.create(late);
    const found = await loadAll(store, [ended!.key, late.key, expired!.key]);
    expect(found.map((row) => row?.state)).toEqual(['ended', undefined, 'live']);
    expect(found[0]!.sealed).toHaveLength(0);
  });

  it('go as few statements when there are more than a hundred', async () => {
    const store = await open();
    const [row] = await stored(store, 1);
    const keys = Array.from({ length: 250 }, (_, i) => (i === 249 ? row!.key : randomBytes(32)));
    let found: unknown[] = [];
    const sent = await statementsOf(async () => {
      found = await loadAll(store, keys);
    });
    expect([sent.length, found.filter(Boolean).length]).toEqual([3, 1]);
  });

  it('go one by one with joinLoads: false', async () => {
    const store = await open({ joinLoads: false });
    const rows = await stored(store, 5);
    expect(
      await statementsOf(() =>
        loadAll(
          store,
          rows.map(({ key }) => key),
        ),
      ),
    ).toHaveLength(5);
  });

  it('go one by one where the server spreads rows over shards, unless the option says otherwise', async () => {
    await database.dataSource.query('CREATE TABLE pg_dist_partition (n int4)'); // Citus has a table of this name
    try {
      const keys = [randomBytes(32), randomBytes(32)];
      const plain = await open();
      expect(await statementsOf(() => loadAll(plain, keys))).toHaveLength(2);
      const joined = await open({ joinLoads: true });
      expect(await statementsOf(() => loadAll(joined, keys))).toHaveLength(1);
    } finally {
      await database.dataSource.query('DROP TABLE pg_dist_partition');
    }
  });
});
