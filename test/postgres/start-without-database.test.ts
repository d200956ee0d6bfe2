import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgStore } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { startWaiting, unusedPort } from '../support/late-start.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { startApp } from '../support/test-app.js';

const URL_OF_SERVER = process.env['TEST_DATABASE_URL'] ?? '';
let database: TestDatabase;

const urlAt = (port: number) => Object.assign(new URL(URL_OF_SERVER), { port: String(port) }).href;

const STORES = {
  'pgStore with a pool': (url: string) => {
    const pool = new Pool({ connectionString: url });
    pool.on('error', () => undefined);
    cleanUp(() => pool.end());
    return pgStore({ pool, table: database.table });
  },
  'typeOrmStore with options of its own': (url: string) =>
    typeOrmStore({ dataSource: { type: 'postgres', url }, table: database.table }),
  'typeOrmStore with a DataSource that is not initialised': (url: string) => {
    const dataSource = new DataSource({ type: 'postgres', url });
    cleanUp(() => dataSource.isInitialized && dataSource.destroy());
    return typeOrmStore({ dataSource, table: database.table });
  },
};

describe.skipIf(!onServer).each(Object.entries(STORES))('a start without the database, %s', (_, storeAt) => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('fails, and names the fault and the option that waits', async () => {
    const starting = startApp({ session: { store: storeAt(urlAt(await unusedPort())) } });
    await expect(starting).rejects.toThrow(
      /nobody listens at its address \(ECONNREFUSED\).*onStoreDownAtStart: 'wait'/,
    );
  });

  it('waits by option, says so in one line, and serves when the database has come', async () => {
    const port = await unusedPort();
    const app = startWaiting({ store: storeAt(urlAt(port)) });
    await app.waits;
    await TcpProxy.to(URL_OF_SERVER, port);
    await app.started;
    expect(app.lines).toEqual([
      'The start waits for the session store: nobody listens at its address (ECONNREFUSED)',
    ]);
  });

  it('waits no longer when the application is closed', async () => {
    const app = startWaiting({ store: storeAt(urlAt(await unusedPort())) });
    await app.waits;
    const started = expect(app.started).rejects.toMatchObject({ reason: 'closed' });
    await app.close();
    await started;
  });

  it('does not wait for a table that does not exist', async () => {
    const pool = new Pool({ connectionString: URL_OF_SERVER });
    cleanUp(() => pool.end());
    const app = startWaiting({ store: pgStore({ pool, table: 'no_such_table' }) });
    await expect(app.started).rejects.toMatchObject({ faults: [{ path: 'store.table' }] });
    expect(app.lines).toEqual([]);
  });
});
