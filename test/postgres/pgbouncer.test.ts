import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow, SessionStore } from 'nestjs-session-crypto';
import { pgStore } from 'nestjs-session-crypto/pg';
import { storeContract } from 'nestjs-session-crypto/testing';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { pgBouncerIsHere, startPgBouncer } from './support/pgbouncer.js';

/** Server connections of the pooler, and connections of each client: fewer of the first, so that they change hands. */
const [SERVERS, CLIENTS] = [2, 6];

let database: TestDatabase;
/** The database through PgBouncer. */
let pooled: string;

const STORES = {
  'pgStore, prepared: false': (): SessionStore => {
    const pool = new Pool({ connectionString: pooled, max: CLIENTS });
    cleanUp(() => pool.end());
    return pgStore({ pool, table: database.table, prepared: false });
  },
  'pgStore, which stops naming its statements by itself': (): SessionStore => {
    const pool = new Pool({ connectionString: pooled, max: CLIENTS });
    cleanUp(() => pool.end());
    return pgStore({ pool, table: database.table });
  },
  'typeOrmStore, prepared: false': (): SessionStore =>
    typeOrmStore({ dataSource: ownSource(), table: database.table, prepared: false }),
  'typeOrmStore, which stops naming its statements by itself': (): SessionStore =>
    typeOrmStore({ dataSource: ownSource(), table: database.table }),
};

function ownSource(): DataSource {
  const dataSource = new DataSource({ type: 'postgres', url: pooled, poolSize: CLIENTS });
  cleanUp(() => dataSource.isInitialized && dataSource.destroy());
  return dataSource;
}

const row = (): SessionRow => ({
  key: randomBytes(32),
  sealed: Buffer.of(1),
  subject: undefined,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});

const isHere = onServer && pgBouncerIsHere;

describe.skipIf(!isHere).each(Object.entries(STORES))('behind PgBouncer, %s', (_, storeOf) => {
  let store: SessionStore;
  beforeAll(async () => {
    database = await testDatabase();
    pooled = await startPgBouncer(SERVERS);
    store = storeOf();
    await store.open!(() => undefined);
  });
  afterAll(async () => {
    await store.close!();
    await database.close();
  });

  it.each(storeContract.map(({ title, run }) => [title, run] as const))('%s', async (_title, run) => {
    await run(store);
  });

  it('serves more clients at once than the pooler has servers, by joined loads and locked updates too', async () => {
    const rows = Array.from({ length: 24 }, row);
    await Promise.all(rows.map((one) => store.create(one)));
    const loaded = await Promise.all(rows.map(({ key }) => store.load(key)));
    expect(loaded.map((one) => one?.version)).toEqual(rows.map(() => 1));
    const [first] = rows as [SessionRow];
    const saved = await Promise.all(
      rows.map((one, i) =>
        i % 2 ? store.updateLocked!(first.key, () => ({ row: first })) : store.replace(one, i ? 1 : 0),
      ),
    );
    expect(saved).toEqual(rows.map((_row, i) => (i ? 'saved' : 'conflict')));
    expect((await store.load(first.key))?.version).toBe(13);
  });
});
