import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow, SessionStore } from 'nestjs-session-crypto';
import { pgStore } from 'nestjs-session-crypto/pg';
import { storeContract } from 'nestjs-session-crypto/testing';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { cleanUp, temporaryFolder } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { unusedPort } from '../support/late-start.js';

const PROGRAM = '/usr/sbin/pgbouncer';

/** Server connections of the pooler, and connections of each client: fewer of the first, so that they change hands. */
const [SERVERS, CLIENTS] = [2, 6];

let database: TestDatabase;
/** The database through PgBouncer. */
let pooled: string;

/** Starts Debian's PgBouncer in transaction mode before the server of the tests. It refuses to run as root. */
async function startPgBouncer(): Promise<string> {
  const { hostname, port, username, pathname } = new URL(process.env['TEST_DATABASE_URL']!);
  const [folder, own] = [await temporaryFolder(), await unusedPort()];
  const users = join(folder, 'users.txt');
  await writeFile(users, `"${username}" ""\n`);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${own}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    `default_pool_size = ${SERVERS}`,
    'max_client_conn = 100',
  ];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, settings.join('\n'));
  const isRoot = process.getuid!() === 0;
  if (isRoot) for (const path of [folder, users, file]) await chown(path, ...idsOf('postgres'));
  const [uid, gid] = isRoot ? idsOf('postgres') : [undefined, undefined];
  const server = spawn(PROGRAM, [file], { stdio: 'ignore', uid, gid });
  cleanUp(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  const url = `postgres://${username}@127.0.0.1:${own}${pathname}`;
  await answers(url);
  return url;
}

const idsOf = (user: string): [number, number] => {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return [id('-u'), id('-g')];
};

async function answers(url: string): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    const isUp = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (isUp) return;
  }
}

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

const isHere = onServer && existsSync(PROGRAM);

describe.skipIf(!isHere).each(Object.entries(STORES))('behind PgBouncer, %s', (_, storeOf) => {
  let store: SessionStore;
  beforeAll(async () => {
    database = await testDatabase();
    pooled = await startPgBouncer();
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
