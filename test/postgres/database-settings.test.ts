import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { dbdStore } from 'nestjs-session-crypto/apache';
import { createTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { dbdTableSql } from '../../lib/apache/dbd/dbd-table.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { onServer } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';

/** Creates a database with settings of its own, and the session table in it. */
async function databaseWith(settings: Record<string, string>, creation = ''): Promise<DataSource> {
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  const admin = await new DataSource({ type: 'postgres', url: url.href, poolSize: 1 }).initialize();
  const name = `sc_${randomBytes(6).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name} ${creation}`);
  for (const [key, value] of Object.entries(settings))
    await admin.query(`ALTER DATABASE ${name} SET ${key} TO '${value}'`);
  url.pathname = name;
  const dataSource = await new DataSource({ type: 'postgres', url: url.href, poolSize: 4 }).initialize();
  for (const sql of [...createTableSql(), ...dbdTableSql()]) await dataSource.query(sql);
  cleanUp(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.destroy();
  });
  return dataSource;
}

/** Uses everything that a session can do. */
async function useSessions(app: ScriptApp, subject = 'ada'): Promise<void> {
  const client = app.client();
  await client.result((session) => session.set('n', 1));
  await client.result((session) => session.login(subject));
  const id = await client.result((session) => session.id);
  await client.result((session) => session.regenerate());
  app.ahead += 120; // the touch is due
  expect(await client.result((session) => [session.get('n'), session.subject])).toEqual([1, subject]);
  const [listed] = await app.sessions.list(subject);
  expect(Math.abs(listed!.lastSeenAt.getTime() - Date.now())).toBeLessThan(600_000);
  expect(Math.abs(listed!.createdAt.getTime() - Date.now())).toBeLessThan(600_000);
  expect([listed!.id === id, await app.sessions.count()]).toEqual([false, 1]);
  const other = app.client();
  await other.result((session) => session.login(subject));
  await app.sessions.revoke(listed!.id, { subject });
  expect(await client.result((session) => session.subject ?? null)).toBeNull();
  expect(await app.sessions.revokeSubject(subject)).toBe(1);
  await other.result((session) => session.login(subject));
  await other.result((session) => session.logout());
  expect(await app.sessions.reseal()).toBe(0);
  expect([await app.sessions.count(), await app.sessions.prune()]).toEqual([0, 0]);
  expect(app.seen('storeDown')).toEqual([]);
  expect(app.seen('touchFailed')).toEqual([]);
}

/** Lets requests of one session meet: changes, touches, renewals and one logout. */
async function compete(app: ScriptApp, client: Client): Promise<void> {
  const writers = Array.from({ length: 8 }, () => client.copy());
  const answers = await Promise.all(writers.map((one) => one.run((session) => session.increment('n'))));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect(await client.result((session) => session.get('n'))).toBe(8);
  app.ahead += 61;
  const touches = await Promise.all(writers.map((one) => one.run((session) => session.get('n'))));
  expect(touches.map(({ status }) => status)).toEqual(Array(8).fill(201));
  const ends = await Promise.all(writers.map((one) => one.run((session) => session.logout())));
  expect(ends.map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect([app.seen('storeDown'), app.seen('touchFailed')]).toEqual([[], []]);
  expect(await app.sessions.count()).toBe(0);
}

describe.skipIf(!onServer)('the database as people run it', () => {
  describe.each(['read committed', 'repeatable read', 'serializable'])('with %s as default', (isolation) => {
    it.each(ADAPTER_NAMES)('keeps every promise on %s', async (adapter) => {
      const dataSource = await databaseWith({ default_transaction_isolation: isolation });
      const app = await ScriptApp.start({ store: typeOrmStore({ dataSource }) }, adapter);
      await useSessions(app);
      const client = app.client();
      await client.result((session) => session.login('bob'));
      await compete(app, client);
      await Promise.all(
        Array.from({ length: 6 }, () => app.client().result((session) => session.login('eve'))),
      );
      const revoked = await Promise.all([1, 2, 3].map(() => app.sessions.revokeSubject('eve')));
      expect(revoked.reduce((sum, one) => sum + one)).toBe(6);
    });
  });

  it('may have any DateStyle, float digits, time zone and format of bytes', async () => {
    const dataSource = await databaseWith({
      datestyle: 'German, DMY',
      extra_float_digits: '-15',
      timezone: 'Asia/Kathmandu',
      bytea_output: 'escape',
      intervalstyle: 'sql_standard',
      standard_conforming_strings: 'on',
    });
    await useSessions(await ScriptApp.start({ store: typeOrmStore({ dataSource }) }));
  });

  it('may have parsers for the whole process that the application has set', async () => {
    const dataSource = await databaseWith({});
    // TypeORM loads its own CommonJS copy of `pg`.
    const { types } = createRequire(createRequire(import.meta.url).resolve('typeorm'))('pg') as typeof pg;
    const { builtins } = types;
    const changed = [builtins.BYTEA, builtins.INT8, builtins.INT4, builtins.INT2, builtins.TIMESTAMPTZ];
    changed.push(builtins.FLOAT8, builtins.TEXT);
    const before = changed.map((oid) => types.getTypeParser(oid, 'text') as (value: string) => unknown);
    cleanUp(() => changed.forEach((oid, i) => types.setTypeParser(oid, before[i]!)));
    for (const oid of changed) types.setTypeParser(oid, (value: string) => `parsed ${value}`);
    expect(await dataSource.query('SELECT 1::int4 AS n')).toEqual([{ n: 'parsed 1' }]);
    await useSessions(await ScriptApp.start({ store: typeOrmStore({ dataSource }) }));
  });

  it('may lack the letters of a subject', async () => {
    const dataSource = await databaseWith(
      {},
      "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    const app = await ScriptApp.start({ store: typeOrmStore({ dataSource }) });
    await useSessions(app, 'Łucja 山田 100%');
    await useSessions(app, 'é'.repeat(255));
  });

  it.each(ADAPTER_NAMES)('may be disconnected and connected again, on %s', async (adapter) => {
    const dataSource = await databaseWith({});
    const app = await ScriptApp.start({ store: typeOrmStore({ dataSource }) }, adapter);
    const client = app.client();
    await client.result((session) => session.set('n', 1));
    await dataSource.destroy();
    expect((await client.run((session) => session.get('n'))).status).toBe(503);
    await dataSource.initialize();
    expect(await client.result((session) => session.get('n'))).toBe(1);
    await client.result((session) => session.set('n', 2));
    expect(await client.result((session) => session.get('n'))).toBe(2);
    expect([app.seen('storeDown').length, app.seen('storeUp').length]).toEqual([1, 1]);
  });

  it("may be disconnected and connected again, with httpd's table too", async () => {
    const dataSource = await databaseWith({
      default_transaction_isolation: 'serializable',
      datestyle: 'SQL',
    });
    const store = dbdStore({ dataSource });
    await store.open(() => undefined);
    await store.insert('key', 'value', 0n);
    await dataSource.destroy();
    await expect(store.select('key')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
    await dataSource.initialize();
    expect(await store.select('key')).toBe('value');
    expect(Math.abs(store.now().getTime() - Date.now())).toBeLessThan(60_000);
  });
});
