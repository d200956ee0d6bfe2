import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { SessionCryptoModule } from 'nestjs-session-crypto';
import { createTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp } from '../support/cleanup.js';
import { run } from '../../lib/cli/run.js';
import { command, exportingFile, RunningCommand } from '../support/command.js';
import { onServer } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { SECRET } from '../support/test-app.js';
import { capture } from '../unit/cli/support/site.js';

let schemas = 0;

/** Makes a schema with the table, and a role that may do with it what `rights` says. */
async function roleWith(
  rights: string,
  makes = true,
): Promise<{ url: string; schema: string; admin: DataSource }> {
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  const admin = await new DataSource({ type: 'postgres', url: url.href, poolSize: 1 }).initialize();
  const [schema, role] = [`commands_${process.pid}_${++schemas}`, `operator_${process.pid}_${schemas}`];
  await admin.query(`CREATE SCHEMA ${schema}`);
  if (makes) for (const sql of createTableSql({ schema })) await admin.query(sql);
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`);
  await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
  if (makes) await admin.query(`GRANT ${rights} ON ${schema}.session_crypto TO ${role}`);
  cleanUp(async () => {
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    await admin.query(`DROP OWNED BY ${role}`);
    await admin.query(`DROP ROLE ${role}`);
    await admin.destroy();
  });
  url.username = role;
  url.password = 'hunter2';
  return { url: url.href, schema, admin };
}

const storeOf = ({ url, schema }: { url: string; schema: string }, table?: string) =>
  typeOrmStore({ dataSource: { type: 'postgres', url, poolSize: 2 }, schema, ...(table && { table }) });

/** Runs a command that must show nothing of the password. */
async function failing(args: string[], store: object) {
  const end = await command(args, { store });
  expect(end.out + end.err).not.toContain('hunter2');
  return [end.status, end.out, end.err];
}

describe.runIf(onServer)('session-crypto, with a PostgreSQL that refuses', () => {
  it('ends with 77 for a role without DELETE, and says which right it lacks', async () => {
    const place = await roleWith('SELECT, INSERT, UPDATE');
    const rows = `INSERT INTO ${place.schema}.session_crypto SELECT '\\x00', '', NULL, now(), now(), now() - interval '1 day', 1, 0`;
    await place.admin.query(rows);
    expect(await failing(['sessions', 'prune'], storeOf(place))).toEqual([
      77,
      '',
      'session-crypto: this user may not do "prune" in the store (42501); run GRANT SELECT, INSERT, UPDATE, DELETE ON the table of sessions for it (docs/stores.md)\n',
    ]);
    const [{ n }] = (await place.admin.query(
      `SELECT count(*)::int AS n FROM ${place.schema}.session_crypto`,
    )) as [{ n: number }];
    expect(n).toBe(1);
  });

  it('ends with 77 for a role that may not read the table', async () => {
    const place = await roleWith('INSERT');
    const [status, , err] = await failing(['sessions', 'count'], storeOf(place));
    expect([status, err]).toEqual([
      77,
      expect.stringContaining('run GRANT SELECT, INSERT, UPDATE, DELETE ON'),
    ]);
  });

  it('ends with 77 for a role that may create no table, and makes none', async () => {
    const place = await roleWith('', false);
    expect(await failing(['migrate'], storeOf(place))).toEqual([
      77,
      '',
      'session-crypto: this user may not do "createTable" in the store (42501); run GRANT CREATE ON SCHEMA for it, or give the SQL of session-crypto schema to somebody who may\n',
    ]);
    const [{ found }] = (await place.admin.query(
      `SELECT to_regclass('${place.schema}.session_crypto') AS found`,
    )) as [{ found: unknown }];
    expect(found).toBeNull();
  });

  it('ends with 78 for a table that is missing, and one that is not ours', async () => {
    const place = await roleWith('SELECT');
    const missing = await failing(['sessions', 'count'], storeOf(place, 'visits'));
    expect(missing).toEqual([
      78,
      '',
      expect.stringContaining('"visits" does not exist; add sessionMigration()'),
    ]);
    await place.admin.query(`CREATE TABLE ${place.schema}.visits (sid text, sess json, expire timestamp)`);
    await place.admin.query(`GRANT SELECT ON ${place.schema}.visits TO PUBLIC`);
    const foreign = await failing(['sessions', 'count'], storeOf(place, 'visits'));
    expect(foreign).toEqual([78, '', expect.stringContaining('belongs to connect-pg-simple')]);
  });

  it('ends with 78 for a schema and a database that are not there', async () => {
    const place = await roleWith('SELECT');
    expect(await failing(['migrate'], storeOf({ ...place, schema: 'nowhere' }))).toEqual([
      78,
      '',
      expect.stringContaining('(3F000)'),
    ]);
    const url = new URL(place.url);
    url.pathname = '/nowhere';
    const [status, , err] = await failing(['migrate'], storeOf({ ...place, url: url.href }));
    expect([status, err]).toEqual([78, expect.stringContaining('(3D000)')]);
  });

  it.each(['migrate', 'sessions count', 'prune'])(
    'ends with 69 for %s where nobody listens',
    async (line) => {
      const place = await roleWith('SELECT');
      const url = new URL(place.url);
      url.port = '1';
      const [status, out, err] = await failing(line.split(' '), storeOf({ ...place, url: url.href }));
      expect([status, out]).toEqual([69, '']);
      expect(err).toContain('nobody listens at its address (ECONNREFUSED); check that it runs');
    },
  );

  it('watches on while the database is away, and says so once', async () => {
    const place = await roleWith('SELECT, INSERT, UPDATE, DELETE');
    const proxy = await TcpProxy.to(place.url);
    const watching = new RunningCommand(['sessions', 'watch', '--interval', '0.05', '--json'], {
      store: storeOf({ ...place, url: proxy.urlOf(place.url) }),
    });
    await watching.says(/"kind":"count","count":0/);
    proxy.lead('postgres://127.0.0.1:1/');
    proxy.reset();
    await watching.says(/"kind":"storeDown"/);
    proxy.lead(place.url);
    await watching.says(/"kind":"storeUp"/);
    const { status, out } = await watching.interrupt();
    expect([status, out.match(/storeDown/g)]).toEqual([0, ['storeDown']]);
  });

  it('ends at an interrupt although the database does not answer', async () => {
    const place = await roleWith('SELECT, INSERT, UPDATE, DELETE');
    const proxy = await TcpProxy.to(place.url);
    const store = storeOf({ ...place, url: proxy.urlOf(place.url) });
    const watching = new RunningCommand(['sessions', 'watch', '--interval', '0.05'], { store });
    await watching.says(/0 sessions/);
    proxy.stall();
    expect((await watching.interrupt()).status).toBe(0);
  });

  it('creates the table of an application that takes its DataSource from @nestjs/typeorm', async () => {
    const place = await roleWith('', false);
    const typeOrm = TypeOrmModule.forRoot({ type: 'postgres', url: process.env['TEST_DATABASE_URL']! });
    const store = typeOrmStore({ schema: place.schema });
    const sessions = SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store });
    class AppModule {}
    Module({ imports: [typeOrm, sessions] })(AppModule);
    const file = await exportingFile({ AppModule });
    const call = async (...args: string[]) => {
      const { said, output } = capture();
      return [await run([...args, '--module', file], output), said.out, said.err];
    };
    const early = await call('sessions', 'count');
    expect(early).toEqual([
      78,
      '',
      expect.stringContaining('"session_crypto" does not exist; add sessionMigration()'),
    ]);
    expect(await call('migrate')).toEqual([
      0,
      `"${place.schema}"."session_crypto" (sessions): created\n`,
      '',
    ]);
    expect(await call('migrate')).toEqual([
      0,
      `"${place.schema}"."session_crypto" (sessions): is there already\n`,
      '',
    ]);
    expect(await call('sessions', 'count')).toEqual([0, '0\n', '']);
  });

  it('makes one table where two processes want it at once', async () => {
    const place = await roleWith('', false);
    const url = process.env['TEST_DATABASE_URL']!;
    const store = () => storeOf({ ...place, url });
    const ends = await Promise.all(
      [1, 2, 3, 4].map(() => command(['migrate', '--json'], { store: store() })),
    );
    expect(ends.map(({ status, err }) => [status, err])).toEqual(ends.map(() => [0, '']));
    const made = ends.map(
      ({ out }) => (JSON.parse(out) as { tables: [{ created: boolean }] }).tables[0].created,
    );
    expect(made.filter(Boolean)).toEqual([true]);
  });
});
