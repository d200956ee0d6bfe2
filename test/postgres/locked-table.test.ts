import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { freshRow } from './support/fresh-row.js';
import { pgBouncerIsHere, startPgBouncer } from './support/pgbouncer.js';

const POOL = 4;
let database: TestDatabase;

const url = () => process.env['TEST_DATABASE_URL']!;

/** The answer of the server to `SHOW`. */
async function setting(name: string): Promise<string> {
  const [row] = (await database.dataSource.query(`SHOW ${name}`)) as Record<string, string>[];
  return row![name]!;
}

/** What leads to the server, or `undefined` if it is not here. */
const WAYS: Record<string, () => Promise<object | undefined>> = {
  TCP: async () => ({ url: url() }),
  TLS: async () =>
    (await setting('ssl')) === 'on' ? { url: url(), ssl: { rejectUnauthorized: false } } : undefined,
  'a Unix socket': async () => {
    const { port, username, password, pathname } = new URL(url());
    const [host] = (await setting('unix_socket_directories')).split(',');
    const isHere = host && existsSync(`${host}/.s.PGSQL.${port}`);
    return isHere ? { host, port: Number(port), username, password, database: pathname.slice(1) } : undefined;
  },
  PgBouncer: async () => (pgBouncerIsHere ? { url: await startPgBouncer(2) } : undefined),
};

/** A store with a short time limit. */
async function storeBy(options: object) {
  const dataSource = await new DataSource({
    ...options,
    type: 'postgres',
    poolSize: POOL,
  } as ConstructorParameters<typeof DataSource>[0]).initialize();
  cleanUp(() => dataSource.destroy());
  const store = typeOrmStore({ dataSource, table: database.table, joinLoads: false, prepared: false });
  await store.open(() => undefined, { timeout: 3000 });
  return { dataSource, store };
}

/** Statements of all clients that wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = (await database.dataSource.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, $1) > 0`,
    [database.table],
  )) as { n: number }[];
  return row!.n;
}

describe.skipIf(!onServer)('a table that somebody has locked', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it.each(Object.keys(WAYS))(
    'keeps no connection of the server for reads that nobody waits for: by %s',
    async (way) => {
      const options = await WAYS[way]!();
      if (!options) return console.log(`skipped: the server cannot be reached by ${way}`);
      const { dataSource, store } = await storeBy(options);
      const stored = freshRow();
      await store.create(stored);
      const runner = (await database.connect()).createQueryRunner();
      await runner.startTransaction();
      await runner.query(`LOCK TABLE "${database.table}" IN ACCESS EXCLUSIVE MODE`);
      const asked = Array.from({ length: POOL }, () => store.load(stored.key));
      const outcomes = Promise.allSettled(asked);
      await expect.poll(waiting).toBeGreaterThan(0);
      expect((await outcomes).map(({ status }) => status)).toEqual(Array(POOL).fill('rejected'));
      await expect.poll(waiting, { timeout: 10_000 }).toBe(0); // the lock is still held
      await runner.rollbackTransaction();
      await runner.release();
      expect((await store.load(stored.key))?.version).toBe(1);
      expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
    20_000,
  );

  it('is not cancelled for a write, which may wait for a synchronous replica with its commit done', async () => {
    const proxy = await TcpProxy.to(url());
    const { store } = await storeBy({ url: proxy.urlOf(url()) });
    const runner = (await database.connect()).createQueryRunner();
    await runner.startTransaction();
    await runner.query(`LOCK TABLE "${database.table}" IN SHARE MODE`);
    const before = proxy.accepted;
    await expect(store.create(freshRow())).rejects.toMatchObject({ reason: 'timeout' });
    await store.load(randomBytes(32)); // by a new connection, which comes behind that of a cancel
    expect(proxy.accepted - before).toBe(1);
    expect(await waiting()).toBe(1);
    await runner.rollbackTransaction();
    await runner.release();
    await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  }, 20_000);
});
