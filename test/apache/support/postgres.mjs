// A private PostgreSQL: own cluster in a temporary folder, on loopback, run by the user postgres when we are root.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BASE = '/usr/lib/postgresql';

function binaries() {
  const versions = existsSync(BASE)
    ? readdirSync(BASE).filter((v) => existsSync(`${BASE}/${v}/bin/initdb`))
    : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (!newest) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return `${BASE}/${newest}/bin`;
}

/** Starts it on `port`; gives its url and a way to stop it, which removes all. */
export function startPostgres(port) {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-pg-'));
  const isRoot = process.getuid() === 0;
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'));
  const run = (program, ...args) => {
    const command = isRoot ? ['runuser', '-u', 'postgres', '--', `${bin}/${program}`] : [`${bin}/${program}`];
    execFileSync(command[0], [...command.slice(1), ...args], { stdio: 'ignore', cwd: folder });
  };
  run('initdb', '-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-locale', '-E', 'UTF8');
  const settings = `listen_addresses='127.0.0.1'\nport=${port}\nunix_socket_directories='${folder}'\nmax_connections=100\n`;
  appendFileSync(`${folder}/data/postgresql.conf`, settings);
  run('pg_ctl', '-D', `${folder}/data`, '-l', `${folder}/log`, '-w', 'start');
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      run('pg_ctl', '-D', `${folder}/data`, '-m', 'fast', '-w', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
