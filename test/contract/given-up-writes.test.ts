import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import session from 'express-session';
import type { PoolClient } from 'pg';
import { SessionStoreError, type SessionRow, type SessionStore } from 'nestjs-session-crypto';
import { fromExpressStore } from 'nestjs-session-crypto/express';
import { createTableSql, pgStore } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileStore } from '../../lib/php/index.js';
import { poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { newRow } from '../unit/php/sealed/stores.js';

let database: TestDatabase;
let pglite: PGlite;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  pglite = await PGlite.create({ loadDataDir: await dataDir() });
  for (const sql of createTableSql()) await pglite.query(sql);
  folder = await mkdtemp(join(tmpdir(), 'given-up-'));
});
afterAll(async () => {
  await database.close();
  await pglite.close();
  await rm(folder, { recursive: true });
});

const STORES: Record<string, () => SessionStore> = {
  'typeOrmStore on the pool': () => typeOrmStore(database),
  'pgStore on a pool': () => pgStore({ pool: poolOf(database), table: database.table }),
  'pgStore on PGlite': () => pgStore({ pool: pglite }),
  fileStore: () => fileStore({ path: folder }),
  fromExpressStore: () => fromExpressStore(new session.MemoryStore()),
};

describe.each(Object.entries(STORES))('%s', (_, make) => {
  it('does no write of which whoever waits has given up', async () => {
    const store = make();
    await store.open?.(() => undefined);
    const [row, unborn, next] = ['row', 'unborn', 'next'].map((sealed) => newRow(sealed)) as [
      SessionRow,
      SessionRow,
      SessionRow,
    ];
    await store.create(row);
    const past = performance.now() - 100;
    const tombstone = { state: 'moved' as const, sealed: Buffer.from('token'), deadline: row.deadline };
    const writes = {
      create: () => store.create(unborn, past),
      replace: () => store.replace(row, 1, past),
      move: () => store.move(row.key, 1, next, tombstone, past),
      destroy: () => store.destroy(row.key, row.deadline, past),
      updateLocked: () => store.updateLocked?.(row.key, () => ({ row }), past) ?? refused(),
    };
    for (const [name, write] of Object.entries(writes))
      await expect(write(), name).rejects.toMatchObject({ reason: 'timeout' });
    expect(await store.load(row.key)).toMatchObject({ version: 1, state: 'live' });
    expect(await Promise.all([unborn, next].map(({ key }) => store.load(key)))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('fromExpressStore', () => {
  it('ends no session by a move of which whoever waits has given up meanwhile', async () => {
    const memory = new session.MemoryStore();
    const store = fromExpressStore(memory);
    const [row, next] = [newRow('row'), newRow('next')];
    await store.create(row);
    const until = performance.now() + 20;
    const set = memory.set.bind(memory);
    memory.set = (...args) => {
      while (performance.now() <= until);
      set(...args);
    };
    const tombstone = { state: 'ended' as const, sealed: Buffer.from('token'), deadline: row.deadline };
    const moved = store.move(row.key, 1, next, tombstone, until);
    await expect(moved).rejects.toMatchObject({ reason: 'timeout' });
    expect(await store.load(row.key)).toMatchObject({ version: 1, state: 'live' });
  });
});

describe('a locked update whose COMMIT arrives too late', () => {
  it('changes nothing', async () => {
    const pool = poolOf(database);
    const store = pgStore({ pool, table: database.table });
    await store.open(() => undefined);
    const row = newRow('row');
    await store.create(row);
    const until = performance.now() + 300;
    const connect = pool.connect.bind(pool) as (done: Connected) => void;
    pool.connect = ((done: Connected) =>
      connect((error, client, release) => done(error, late(client, until), release))) as never;
    const update = store.updateLocked!(
      row.key,
      () => ({ row: { ...row, sealed: Buffer.from('late') } }),
      until,
    );
    await expect(update).rejects.toMatchObject({ reason: 'timeout' });
    pool.connect = connect as never;
    expect(await store.load(row.key)).toMatchObject({ version: 1, sealed: row.sealed });
  });
});

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: unknown) => void;

/** A connection of a process that stands still before each COMMIT until a moment of `performance.now()` has passed. */
function late(client: PoolClient | undefined, until: number): PoolClient | undefined {
  if (!client) return client;
  const query = client.query.bind(client) as (question: { text?: string }, done: unknown) => unknown;
  client.query = ((question: { text?: string }, done: unknown) => {
    if (question.text?.endsWith('COMMIT')) while (performance.now() <= until + 1);
    return query(question, done);
  }) as never;
  return client;
}

/** What a store does that has no lock. */
const refused = () => Promise.reject(new SessionStoreError('updateLocked', 'timeout'));
