// A private PostgreSQL: own cluster in a temporary folder, on loopback, run by the user postgres when we are root.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BASE = '/usr/lib/postgresql';

/** The folder of the programs of the newest PostgreSQL. */
export function binaries() {
  const versions = existsSync(BASE)
    ? readdirSync(BASE).filter((v) => existsSync(`${BASE}/${v}/bin/initdb`))
    : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (!newest) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return `${BASE}/${newest}/bin`;
}

/** Makes the cluster for `port`; gives its url and folder, where its programs are, and the user who must run them. */
export function initPostgres(port) {
  const place = newPlace(port);
  const { folder, run } = place;
  run('initdb', '-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-locale', '-E', 'UTF8');
  return configured(place, port);
}

/** Makes a cluster for `port` that follows the one at `primary`, from a base backup of it. */
export function initReplica(port, primary) {
  const place = newPlace(port);
  place.run('pg_basebackup', '-d', primary, '-D', `${place.folder}/data`, '-R', '-c', 'fast', '-X', 'stream');
  return configured(place, port);
}

function newPlace(port) {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-pg-'));
  const user = process.getuid() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (user.uid) chownSync(folder, user.uid, user.gid);
  const run = (program, ...args) =>
    execFileSync(`${bin}/${program}`, args, { stdio: 'ignore', cwd: folder, ...user });
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, folder, bin, user, run };
}

/** The last line of a name counts, so a replica leaves the settings of its primary. */
function configured(place, port) {
  const { folder } = place;
  const settings = `listen_addresses='127.0.0.1'\nport=${port}\nunix_socket_directories='${folder}'\nmax_connections=100\n`;
  appendFileSync(`${folder}/data/postgresql.conf`, settings);
  return place;
}

/** Starts it on `port`; gives its url and a way to stop it, which removes all. */
export function startPostgres(port) {
  const { url, folder, run } = initPostgres(port);
  run('pg_ctl', '-D', `${folder}/data`, '-l', `${folder}/log`, '-w', 'start');
  return {
    url,
    stop() {
      run('pg_ctl', '-D', `${folder}/data`, '-m', 'fast', '-w', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
