#!/usr/bin/env node
// Runs the store and end-to-end tests against a real PostgreSQL: one of our own in a temporary folder, run by an
// unprivileged user, or the one that TEST_DATABASE_URL names.
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testsOfDatabase } from './tests-of-database.mjs';

const PORT = process.env.TEST_PG_PORT ?? '18551';
const FOLDERS = ['test/contract', 'test/e2e', 'test/postgres'];

function binaries() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base)
    ? readdirSync(base).filter((v) => existsSync(`${base}/${v}/bin/initdb`))
    : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (!newest) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return `${base}/${newest}/bin`;
}

function startServer() {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-pg-'));
  const isRoot = process.getuid() === 0;
  if (isRoot) chownSync(folder, ...idsOf('postgres'));
  const run = (program, args) =>
    isRoot
      ? execFileSync('runuser', ['-u', 'postgres', '--', `${bin}/${program}`, ...args], {
          stdio: 'ignore',
          cwd: folder,
        })
      : execFileSync(`${bin}/${program}`, args, { stdio: 'ignore', cwd: folder });
  run('initdb', ['-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-locale', '-E', 'UTF8']);
  // A certificate of its own in its data folder, so that clients may ask for TLS.
  const ask = '-newkey rsa:2048 -nodes -days 30 -subj /CN=localhost'.split(' ');
  const files = ['-keyout', `${folder}/data/server.key`, '-out', `${folder}/data/server.crt`];
  execFileSync('openssl', ['req', '-x509', ...ask, ...files], { stdio: 'ignore' });
  if (isRoot)
    for (const file of ['server.key', 'server.crt'])
      chownSync(`${folder}/data/${file}`, ...idsOf('postgres'));
  const settings = `ssl=on\nlisten_addresses='127.0.0.1'\nport=${PORT}\nunix_socket_directories='${folder}'\nmax_connections=100\n`;
  appendFileSync(`${folder}/data/postgresql.conf`, settings);
  run('pg_ctl', ['-D', `${folder}/data`, '-l', `${folder}/log`, '-w', 'start']);
  return {
    url: `postgres://postgres@127.0.0.1:${PORT}/postgres`,
    stop() {
      run('pg_ctl', ['-D', `${folder}/data`, '-m', 'fast', '-w', 'stop']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(user) {
  const id = (flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return [id('-u'), id('-g')];
}

const server = process.env.TEST_DATABASE_URL
  ? { url: process.env.TEST_DATABASE_URL, stop() {} }
  : startServer();
try {
  const selection = process.argv.slice(2);
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', ...(selection.length ? selection : testsOfDatabase(FOLDERS))],
    {
      stdio: 'inherit',
      env: { ...process.env, TEST_DATABASE_URL: server.url },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  server.stop();
}
