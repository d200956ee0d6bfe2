import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryKeyStore, SessionConfigError, type KeyRowStore } from 'nestjs-session-crypto';
import { createKeyTableSql, dropKeyTableSql, pgKeyStore } from 'nestjs-session-crypto/pg';
import { keyStoreContract } from 'nestjs-session-crypto/testing';
import { keyMigration, typeOrmKeyStore } from 'nestjs-session-crypto/typeorm';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
/** The table of keys beside the table of sessions. */
let table: string;
/** A database that runs in this process, without `pg`. */
let pglite: PGlite;

async function migrate(step: 'up' | 'down', where: { table?: string }): Promise<void> {
  const runner = database.dataSource.createQueryRunner();
  try {
    await new (keyMigration(where))()[step](runner);
  } finally {
    await runner.release();
  }
}

beforeAll(async () => {
  pglite = await PGlite.create({ loadDataDir: await dataDir() });
  for (const sql of createKeyTableSql()) await pglite.query(sql);
  database = await testDatabase();
  table = `${database.table}_keys`;
  await migrate('up', { table });
});
afterAll(async () => {
  await migrate('down', { table });
  await database.close();
  await pglite.close();
});

const STORES: Record<string, () => KeyRowStore> = {
  memoryKeyStore: () => memoryKeyStore(),
  typeOrmKeyStore: () => typeOrmKeyStore({ dataSource: database.dataSource, table }),
  'typeOrmKeyStore without prepared statements': () =>
    typeOrmKeyStore({ dataSource: database.dataSource, table, prepared: false }),
  'pgKeyStore on a pool': () => pgKeyStore({ pool: poolOf(database), table }),
  'pgKeyStore on a query function': () =>
    pgKeyStore({ pool: (text, values) => poolOf(database).query(text, values), table }),
  'pgKeyStore on PGlite': () => pgKeyStore({ pool: pglite }),
};

describe.each(Object.entries(STORES))('%s', (_, make) => {
  for (const { title, run } of keyStoreContract)
    it(title, async () => {
      const store = make();
      await store.open?.(() => undefined);
      try {
        await run(store);
      } finally {
        await store.close?.();
      }
    });
});

describe('the table of keys', () => {
  const opened = async () => {
    const store = pgKeyStore({ pool: poolOf(database), table });
    await store.open(() => undefined);
    return store;
  };
  const ring = 'one';

  it('shows a person hint, state and times, and no key', async () => {
    const store = await opened();
    const wrapped = Buffer.from('wrapped');
    const time = new Date('2026-11-29T12:00:00Z');
    const times = { createdAt: time, sealsAt: time, retiresAt: undefined, dropsAt: undefined };
    await store.insert(ring, { id: 1, version: 1, hint: 0xabc, state: 'sealing', ...times, wrapped });
    const { rows } = await poolOf(database).query(`SELECT * FROM "${table}" WHERE "ring" = 'one'`);
    expect(rows).toEqual([
      {
        ring,
        id: 1,
        version: 1,
        hint: '00000abc',
        state: 'sealing',
        created_at: time,
        seals_at: time,
        retires_at: null,
        drops_at: null,
        wrapped,
      },
    ]);
  });

  it.each([
    ['a state of another version', `"state" = 'frozen'`],
    ['a hint that is none', `"hint" = 'ABC'`],
    ['a moment that is none', `"created_at" = 'infinity'`],
  ])('is not read as something else with %s', async (_, change) => {
    const store = await opened();
    await poolOf(database).query(`UPDATE "${table}" SET ${change} WHERE "ring" = 'one'`);
    await expect(store.load(ring)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
  });

  it('is refused on a replica, also behind a query function', async () => {
    const replica = await PGlite.create({ loadDataDir: await dataDir() });
    await replica.exec(`CREATE FUNCTION public.pg_is_in_recovery() RETURNS bool RETURN true;
      SET search_path = public, pg_catalog`);
    const store = pgKeyStore({ pool: (text, values) => replica.query<object>(text, values) });
    await expect(store.open(() => undefined)).rejects.toMatchObject({ reason: 'replica' });
    await replica.close();
  });

  it('is refused where it is missing, with the SQL that makes it', async () => {
    const store = typeOrmKeyStore({ dataSource: database.dataSource, table: 'nowhere_keys' });
    const error: unknown = await Promise.resolve(store.open(() => undefined)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SessionConfigError);
    expect((error as Error).message).toMatch(
      /crypto\.ring\.store\.table: "nowhere_keys" does not exist; add keyMigration\(\) [^]*CREATE TABLE "nowhere_keys"/,
    );
  });

  it('is not made twice, and not over the table of the sessions', async () => {
    await expect(migrate('up', { table })).rejects.toThrow(
      /keyMigration: the table .* has the right columns/,
    );
    await expect(migrate('up', { table: database.table })).rejects.toThrow(
      /keyMigration: the table .* another/,
    );
  });

  it('is printed and dropped under the names of the DataSource', () => {
    const naming = { options: { schema: 'web', entityPrefix: 'app_' } };
    expect(createKeyTableSql({}, naming)[0]).toContain('CREATE TABLE "web"."app_session_crypto_keys"');
    expect(dropKeyTableSql({ table: 'k' })).toEqual(['DROP TABLE "k"']);
    expect(() => createKeyTableSql({ table: 'a.b' })).toThrow(SessionConfigError);
  });
});

describe('the makers of key stores', () => {
  it.each([
    ['pgKeyStore without a pool', () => pgKeyStore({} as never), 'crypto.ring.store.pool: is undefined'],
    [
      'pgKeyStore with an unknown option',
      () => pgKeyStore({ pool: poolOf(database), tabel: 'x' } as never),
      'is "table" meant?',
    ],
    [
      'typeOrmKeyStore with an unknown option',
      () => typeOrmKeyStore({ datasource: 1 } as never),
      'is "dataSource" meant?',
    ],
    ['memoryKeyStore with an unknown option', () => memoryKeyStore({ clock: 1 } as never), 'is unknown'],
  ])('refuse %s', (_, make, said) => {
    expect(make).toThrow(said);
  });
});
