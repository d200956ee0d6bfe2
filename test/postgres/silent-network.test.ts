import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { freshRow } from './support/fresh-row.js';

const POOL = 4;
let database: TestDatabase;

/** A pool behind a network that can break. */
async function behindProxy(extra: object = {}) {
  const url = process.env['TEST_DATABASE_URL']!;
  const proxy = await TcpProxy.to(url);
  const options = { type: 'postgres', url: proxy.urlOf(url), poolSize: POOL } as const;
  const dataSource = await new DataSource({
    ...options,
    extra: { idleTimeoutMillis: 0, ...extra },
  }).initialize();
  cleanUp(() => dataSource.isInitialized && dataSource.destroy());
  return { proxy, dataSource };
}

async function storeBehindProxy(timeout: number) {
  const network = await behindProxy();
  // Each load is a statement of its own, so that many use the whole pool.
  const options = { table: database.table, joinLoads: false };
  const store = typeOrmStore({ dataSource: network.dataSource, ...options });
  await store.open(() => undefined, { timeout });
  return { ...network, store };
}

const soon = () => new Date(Date.now() + 3_600_000);

const many = (n: number, act: () => Promise<unknown>) => Promise.all(Array.from({ length: n }, act));

async function rows(): Promise<number> {
  const [{ n }] = (await database.dataSource.query(`SELECT count(*)::int AS n FROM "${database.table}"`)) as [
    { n: number },
  ];
  return n;
}

/** Statements of the database's clients that wait for a lock. */
async function waiting(): Promise<number> {
  const [{ n }] = (await database.dataSource.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, $1) > 0`,
    [database.table],
  )) as [{ n: number }];
  return n;
}

describe.skipIf(!onServer)('a network that forgets connections and tells nobody', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('fails no read, and no write that follows: their connections are destroyed and replaced', async () => {
    const { proxy, store } = await storeBehindProxy(2000);
    const stored = freshRow();
    await store.create(stored);
    await many(12, () => store.load(stored.key));
    expect(proxy.connections).toBe(POOL);
    proxy.forget();
    const found = (await many(12, () => store.load(stored.key))) as { version: number }[];
    expect(found.map(({ version }) => version)).toEqual(Array(12).fill(1));
    await many(12, () => store.create(freshRow()));
    expect(proxy.connections).toBeLessThanOrEqual(POOL);
  });

  it('fails one write at most, not one for each connection', async () => {
    const { proxy, store } = await storeBehindProxy(2000);
    const stored = freshRow();
    await store.create(stored);
    await many(12, () => store.load(stored.key));
    proxy.forget();
    await store.create(freshRow()).catch(() => undefined);
    for (let i = 0; i < 2 * POOL; i++) await store.create(freshRow()); // none may run twice, so none has a second attempt
  });

  it.each(['express', 'fastify'] as const)('leaves an application on %s that answers', async (adapter) => {
    const { proxy, dataSource } = await behindProxy();
    const store = typeOrmStore({ dataSource, table: database.table });
    const app = await ScriptApp.start({ store, session: { commitTimeout: 2 } }, adapter);
    const clients = Array.from({ length: 12 }, () => app.client());
    const work = () => Promise.all(clients.map((client) => client.run((session) => session.increment('n'))));
    await work();
    proxy.forget();
    expect((await work()).map(({ status }) => status)).toEqual(Array(12).fill(201));
    const counts = await Promise.all(clients.map((client) => client.result((session) => session.get('n'))));
    expect(counts).toEqual(Array(12).fill(2));
  });

  it('is no end for connections that were being made', async () => {
    const { proxy, dataSource, store } = await storeBehindProxy(3000);
    const stored = freshRow();
    await store.create(stored);
    proxy.stall();
    await Promise.allSettled(Array.from({ length: 2 * POOL }, () => store.load(stored.key)));
    proxy.forget(); // those that wait for the first word of the server too
    proxy.resume();
    const loads = () => store.load(stored.key).then(Boolean, () => false);
    await expect.poll(() => many(POOL, loads), { timeout: 20_000 }).toEqual(Array(POOL).fill(true));
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]); // the application's pool has room again
    await proxy.close(); // ends what still waits for the first word of the server
  });

  it('reaches the rest of the application too: the pool has connections that work', async () => {
    const { proxy, dataSource, store } = await storeBehindProxy(1000);
    await many(12, () => store.load(randomBytes(32)));
    proxy.forget();
    await many(12, () => store.load(randomBytes(32)));
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe.skipIf(!onServer)('a network that delivers late', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('changes nothing after a failure was reported', async () => {
    const { proxy, store } = await storeBehindProxy(600);
    const stored = freshRow();
    await store.create(stored);
    const before = await rows();
    proxy.stall('toServer');
    const writes = [
      store.create(freshRow()),
      store.replace({ ...stored, sealed: Buffer.of(2) }, 1),
      store.move(stored.key, 1, freshRow(), { state: 'ended', sealed: Buffer.alloc(0), deadline: soon() }),
      store.touch({ ...stored, sealed: Buffer.of(3) }, 1),
      store.destroy(stored.key, soon()),
      store.destroySubject('ada', soon(), undefined),
    ];
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
    proxy.resume();
    await expect.poll(() => proxy.abandoned).toBe(0);
    const found = await store.load(stored.key);
    expect([found?.version, found?.state, found?.sealed]).toEqual([1, 'live', Buffer.of(1)]);
    expect(await rows()).toBe(before);
  });

  it('holds a bounded number of statements, which all end in time', async () => {
    const { proxy, dataSource, store } = await storeBehindProxy(600);
    proxy.stall();
    const before = await rows();
    const outcomes = Promise.allSettled(Array.from({ length: 1620 }, () => store.create(freshRow())));
    const { master } = dataSource.driver as unknown as { master: { waitingCount: number } };
    expect(master.waitingCount).toBeLessThanOrEqual(POOL);
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
    proxy.resume();
    await expect.poll(() => proxy.abandoned).toBe(0);
    expect(await rows()).toBe(before);
  });

  it('does not let a write act that has waited for a lock too long', async () => {
    const { store } = await storeBehindProxy(600);
    const stored = freshRow();
    await store.create(stored);
    const runner = (await database.connect()).createQueryRunner();
    await runner.startTransaction();
    await runner.query(`SELECT 1 FROM "${database.table}" WHERE "key" = $1 FOR UPDATE`, [stored.key]);
    await expect(store.replace({ ...stored, sealed: Buffer.of(2) }, 1)).rejects.toMatchObject({
      reason: 'timeout',
    });
    await runner.rollbackTransaction();
    await runner.release();
    await expect.poll(waiting).toBe(0);
    expect((await store.load(stored.key))?.version).toBe(1);
  });
});
