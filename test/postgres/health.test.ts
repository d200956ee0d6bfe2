import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cookieStore, managedRing } from 'nestjs-session-crypto';
import {
  createKeyTableSql,
  createTableSql,
  pgKeyStore,
  pgStore,
  sqlRevocation,
  type PgStoreOptions,
} from 'nestjs-session-crypto/pg';
import { startPair } from '../chaos/pair.mjs';
import { ask, startServer, type Server } from '../chaos/server.mjs';
import { cleanUp } from '../support/cleanup.js';
import { onServer } from '../support/database.js';
import { codes, PROBE, reportingProcess, until } from '../support/reporting-process.js';
import { SECRETS } from '../support/running-manager.js';

function poolAt(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  cleanUp(() => pool.end());
  return pool;
}

const storeAt = (url: string, options: Partial<PgStoreOptions> = {}) =>
  reportingProcess({ store: pgStore({ pool: poolAt(url), ...options }) });

describe.skipIf(!onServer)('health, on a real PostgreSQL', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
    for (const sql of [...createTableSql(), ...createKeyTableSql()]) await ask(server.url, sql);
  });
  afterAll(() => server.stop());
  beforeEach(() => ask(server.url, 'DELETE FROM session_crypto_keys'));

  it('says that the store answers and takes writes, and leaves nothing in it', async () => {
    const { report } = await storeAt(server.url);
    const health = await report();
    expect(health).toMatchObject({
      status: 'up',
      store: { stores: [{ kind: 'postgres', name: 'session_crypto', access: 'writes', code: undefined }] },
    });
    expect(health.store.stores[0]!.latency).toBeGreaterThan(0);
    expect(Math.abs(health.clock.offset!)).toBeLessThan(1);
    expect(await ask(server.url, 'SELECT FROM session_crypto')).toEqual([]);
  });

  it('measures a clock that is ten minutes off, behind a proxy that shifts it', async () => {
    const pool = poolAt(server.url);
    const query = async (text: string, values: unknown[]) => {
      const result = await pool.query<Record<string, unknown>>(text, values);
      for (const row of result.rows) if ('now' in row) row['now'] = Number(row['now']) - 600_000;
      return result;
    };
    const { report } = await reportingProcess({ store: pgStore({ pool: query }) });
    const health = await report();
    expect(health.clock.offset).toBeCloseTo(600, 0);
    expect([health.status, codes(health)]).toEqual(['degraded', ['clock-offset']]);
  });

  it('is degraded while the role may only read, and down while it may not even do that', async () => {
    await ask(server.url, 'CREATE ROLE reader LOGIN');
    const grant = 'GRANT SELECT, INSERT, UPDATE, DELETE ON session_crypto TO reader';
    await ask(server.url, grant);
    cleanUp(() => ask(server.url, 'DROP OWNED BY reader; DROP ROLE reader'));
    const { report } = await storeAt(server.url.replace('postgres@', 'reader@'));
    expect((await report()).status).toBe('up');
    for (const right of ['INSERT', 'UPDATE']) {
      await ask(server.url, `REVOKE ${right} ON session_crypto FROM reader`);
      const health = await report();
      expect([health.status, codes(health)]).toEqual(['degraded', ['store-read-only']]);
      expect(health.store.stores[0]).toMatchObject({ access: 'reads', code: '42501' });
      await ask(server.url, grant);
    }
    await ask(server.url, 'REVOKE SELECT ON session_crypto FROM reader');
    const health = await report();
    expect([health.status, codes(health)]).toEqual(['down', ['store-down']]);
  });

  it('is degraded while the server is read-only', async () => {
    const { report } = await storeAt(server.url);
    await ask(server.url, 'ALTER SYSTEM SET default_transaction_read_only = on');
    await ask(server.url, 'SELECT pg_reload_conf()');
    const health = await until(report, ({ status }) => status !== 'up');
    await ask(server.url, 'ALTER SYSTEM RESET default_transaction_read_only');
    await ask(server.url, 'SELECT pg_reload_conf()');
    await until(report, ({ status }) => status === 'up');
    expect([health.status, codes(health)]).toEqual(['degraded', ['store-read-only']]);
    expect(health.store.stores[0]).toMatchObject({ access: 'reads', code: '25006' });
  });

  it('answers a probe in time while the server is paused, is degraded, and is well again afterwards', async () => {
    const { report } = await storeAt(server.url);
    await report();
    server.freeze();
    const began = performance.now();
    const health = await report();
    const took = performance.now() - began;
    server.thaw();
    expect([health.status, codes(health)]).toEqual(['degraded', ['store-slow']]);
    expect(took).toBeLessThan(PROBE);
    expect((await until(report, ({ status }) => status === 'up')).findings).toEqual([]);
  });

  it('follows the keys of a managed ring, and lists the processes', async () => {
    const ring = () => managedRing({ store: pgKeyStore({ pool: poolAt(server.url) }) });
    const start = () =>
      reportingProcess({ store: cookieStore(), crypto: { secrets: SECRETS, ring: ring() } });
    const [one, two] = [await start(), await start()];
    const keysOf = ({ manager }: typeof one) => manager.base.crypto.native!.managed!;
    for (const process of [one, two, one]) await keysOf(process).followQuietly();
    const health = await one.report();
    expect(health).toMatchObject({
      status: 'up',
      ring: { managed: true },
      keys: { rings: [{ managed: true }] },
    });
    expect(health.ring.processes.map(({ state }) => state)).toEqual(['agrees', 'agrees']);
    expect(Math.abs(health.clock.offset!)).toBeLessThan(1);
    await two.manager.close();
    await keysOf(one).followQuietly();
    expect((await one.report()).ring.processes).toHaveLength(1);
  });

  it('asks the source of revocations', async () => {
    const revocation = sqlRevocation({ pool: poolAt(server.url) });
    const { report } = await reportingProcess({ store: cookieStore({ revocation }) });
    expect(await report()).toMatchObject({
      status: 'up',
      store: { stores: [{ kind: 'cookie', access: 'unasked' }] },
      revocation: { sources: [{ kind: 'postgres', access: 'writes', cacheFor: 30, cached: 0 }] },
    });
  });

  // The last one: it kills the server.
  it('is down while the server is killed, and well when it has started again', async () => {
    const { report } = await storeAt(server.url);
    await report();
    server.kill();
    const health = await until(report, ({ status }) => status !== 'up');
    expect([health.status, codes(health)]).toEqual(['down', ['store-down']]);
    await server.restart();
    expect((await until(report, ({ status }) => status === 'up')).findings).toEqual([]);
  });
});

describe.skipIf(!onServer)('health, on a replica', () => {
  let pair: Awaited<ReturnType<typeof startPair>>;
  beforeAll(async () => {
    pair = await startPair({ synchronous: false });
    for (const sql of createTableSql()) await ask(pair.primary.url, sql);
    while (!(await ask(pair.replica.url, `SELECT 1 WHERE to_regclass('session_crypto') IS NOT NULL`)).length);
  }, 60_000);
  afterAll(() => pair.stop());

  it('is well where the operator allows it, and shows that it takes no writes', async () => {
    const { report } = await storeAt(pair.replica.url, { allowReplica: true });
    expect(await report()).toMatchObject({ status: 'up', store: { stores: [{ access: 'reads' }] } });
  });
});
