import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow, SessionStore } from 'nestjs-session-crypto';
import { createTableSql, pgKeyStore, pgStore, type PgStoreOptions } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { startPair } from '../chaos/pair.mjs';
import { cleanUp } from '../support/cleanup.js';
import { onServer } from '../support/database.js';
import { startWaiting } from '../support/late-start.js';
import { TcpProxy } from '../support/tcp-proxy.js';

type Pair = Awaited<ReturnType<typeof startPair>>;

const row = (): SessionRow => ({
  key: randomBytes(32),
  sealed: Buffer.of(1),
  subject: undefined,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});

function poolAt(url: string, max = 4): Pool {
  const pool = new Pool({ connectionString: url, max });
  pool.on('error', () => undefined);
  cleanUp(() => pool.end());
  return pool;
}

async function openAt(url: string, options: Partial<PgStoreOptions> = {}): Promise<SessionStore> {
  const store = pgStore({ pool: poolAt(url), ...options });
  cleanUp(() => store.close());
  await store.open(() => undefined, { timeout: 2000 });
  return store;
}

const sqlOn = async (url: string, ...statements: string[]) => {
  const pool = new Pool({ connectionString: url, max: 1 });
  for (const statement of statements) await pool.query(statement);
  await pool.end();
};

/** Saves a row again and again: the connections of a server take a new setting a moment after it was asked to reload. */
async function replaceUntilRefused(
  store: { replace(row: SessionRow, version: number): Promise<unknown> },
  one: SessionRow,
) {
  for (let version = 1; ; version++) await store.replace(one, version);
}

/** Resolves when the replica has the row. */
async function replicated({ replica }: Pair, { key }: SessionRow): Promise<void> {
  const pool = poolAt(replica.url, 1);
  const found = async () => (await pool.query('SELECT FROM session_crypto WHERE key = $1', [key])).rowCount;
  while (!(await found())) await new Promise((resolve) => setImmediate(resolve));
}

describe.skipIf(!onServer)('a primary and its replica', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ synchronous: false });
    await sqlOn(pair.primary.url, ...createTableSql());
  }, 60_000);
  afterAll(() => pair.stop());

  it('a replica is refused at the start, through a pool, a query function and TypeORM', async () => {
    const replica = { reason: 'replica' };
    const pool = poolAt(pair.replica.url);
    const query = (text: string, values: unknown[]) => pool.query<object>(text, values);
    await expect(openAt(pair.replica.url)).rejects.toMatchObject(replica);
    await expect(pgStore({ pool: query }).open(() => undefined)).rejects.toMatchObject(replica);
    await expect(pgKeyStore({ pool: query }).open(() => undefined)).rejects.toMatchObject(replica);
    const own = typeOrmStore({ dataSource: { type: 'postgres', url: pair.replica.url } });
    await expect(own.open(() => undefined)).rejects.toMatchObject(replica);
  });

  it('a start that waits says that the server is a replica', async () => {
    const app = startWaiting({ store: pgStore({ pool: poolAt(pair.replica.url) }) });
    await app.waits;
    expect(app.lines).toEqual([
      'The start waits for the session store: the server is a replica, which takes no logouts and shows old sessions (replica)',
    ]);
    const started = expect(app.started).rejects.toMatchObject({ reason: 'closed' });
    await app.close();
    await started;
  });

  it('a replica that the operator allows is read, and takes no writes', async () => {
    const primary = await openAt(pair.primary.url);
    const kept = row();
    await primary.create(kept);
    await replicated(pair, kept);
    const replica = await openAt(pair.replica.url, { allowReplica: true });
    expect((await replica.load(kept.key))?.sealed).toEqual(kept.sealed);
    await expect(replica.create(row())).rejects.toMatchObject({ reason: '25006' });
    expect((await replica.load(kept.key))?.sealed).toEqual(kept.sealed);
  });

  it('new connections that lead to a replica serve nothing, and the store works when they lead to the primary again', async () => {
    const proxy = await TcpProxy.to(pair.primary.url);
    const store = await openAt(proxy.urlOf(pair.primary.url));
    const kept = row();
    await store.create(kept);
    await replicated(pair, kept);
    proxy.lead(pair.replica.url);
    proxy.cut();
    await expect(store.load(kept.key)).rejects.toMatchObject({ reason: 'replica' });
    await expect(store.create(row())).rejects.toMatchObject({ reason: 'replica' });
    proxy.lead(pair.primary.url);
    expect((await store.load(kept.key))?.sealed).toEqual(kept.sealed);
  });

  it('asks each connection once, and no read more', async () => {
    const pool = poolAt(pair.primary.url, 1);
    const asked: string[] = [];
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        asked.push((args[0] as { text: string }).text);
        return query(...args);
      }) as typeof client.query;
    });
    const store = pgStore({ pool });
    await store.open(() => undefined);
    cleanUp(() => store.close());
    asked.length = 0;
    for (const _ of 'three') await store.load(randomBytes(32));
    expect(asked).toHaveLength(5);
    expect(asked.filter((text) => text.includes('pg_is_in_recovery'))).toEqual([]);
  });

  // The last one: it turns the replica into a primary.
  it('connections to a server that takes no writes any more are dropped, and lead to the new primary', async () => {
    const proxy = await TcpProxy.to(pair.primary.url);
    const [kept, locked] = [row(), row()];
    const store = await openAt(proxy.urlOf(pair.primary.url));
    await Promise.all([kept, locked].map((one) => store.create(one)));
    await Promise.all([kept, locked].map((one) => replicated(pair, one)));
    const old = pair.primary.url;
    await sqlOn(pair.replica.url, 'SELECT pg_promote(true, 60)');
    await sqlOn(old, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
    await expect(replaceUntilRefused(store, kept)).rejects.toMatchObject({ reason: '25006' });
    proxy.lead(pair.replica.url);
    expect(await store.replace(kept, 1)).toBe('saved');
    expect(await Promise.all(Array.from({ length: 8 }, () => store.create(row())))).toHaveLength(8);
    expect(await store.updateLocked!(locked.key, () => ({ row: locked }))).toBe('saved');
  });
});
