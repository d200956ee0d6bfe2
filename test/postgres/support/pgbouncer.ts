import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { cleanUp, temporaryFolder } from '../../support/cleanup.js';
import { unusedPort } from '../../support/late-start.js';

const PROGRAM = '/usr/sbin/pgbouncer';

export const pgBouncerIsHere = existsSync(PROGRAM);

/** Starts Debian's PgBouncer in transaction mode before the server of the tests, with so many server connections. Returns the URL
 *  of the database through it. It refuses to run as root. */
export async function startPgBouncer(servers: number): Promise<string> {
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
    `default_pool_size = ${servers}`,
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
