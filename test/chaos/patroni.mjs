// A primary and its replica under Patroni, which itself promotes the replica of a node that has died. Needs Debian's patroni,
// etcd-server and python3-etcd.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from '../apache/support/postgres.mjs';
import { ask, freePort, processesOf, signal } from './server.mjs';

/** Milliseconds between two looks at a node. */
const LOOK = 100;

const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
const USER = process.getuid() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/** Starts etcd and two nodes, of which one is the synchronous replica of the other when this resolves. */
export async function startPatroni() {
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-patroni-'));
  if (USER.uid) chownSync(folder, USER.uid, USER.gid);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [etcd, peers] = [await freePort(), await freePort()];
  const nodes = [];
  for (const name of ['node0', 'node1'])
    nodes.push(new Node({ folder, name, etcd, port: await freePort(), rest: await freePort() }));
  const [own, ours] = [`http://127.0.0.1:${peers}`, `http://127.0.0.1:${etcd}`];
  const store = run(folder, 'etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-peer-urls=${own}`,
    `--listen-client-urls=${ours}`,
    `--advertise-client-urls=${ours}`,
  ]);
  const pair = new PatroniPair(nodes, store, folder);
  await pair.start();
  return pair;
}

/** Runs a program in a group of its own, so that it can be killed with all that it has started. */
function run(folder, program, args) {
  const log = openSync(join(folder, `${program}-${Date.now()}.log`), 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log], cwd: folder, detached: true, ...USER });
  process.on('exit', () => killGroup(child));
  return child;
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended
  }
}

class Node {
  #config;
  #folder;
  #data;
  #child;

  constructor({ folder, name, etcd, port, rest }) {
    this.port = port;
    this.rest = rest;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    this.#folder = folder;
    this.#data = join(folder, name);
    this.#config = join(folder, `${name}.json`);
    const login = { username: 'postgres' };
    const settings = {
      scope: 'chaos',
      name,
      etcd3: { host: `127.0.0.1:${etcd}` },
      restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}` },
      bootstrap: {
        // The shortest times that Patroni takes.
        dcs: {
          ttl: 20,
          loop_wait: 1,
          retry_timeout: 3,
          synchronous_mode: true,
          postgresql: { use_pg_rewind: true },
        },
        initdb: [{ encoding: 'UTF8' }, 'data-checksums', { auth: 'trust' }],
      },
      postgresql: {
        listen: `127.0.0.1:${port}`,
        connect_address: `127.0.0.1:${port}`,
        data_dir: this.#data,
        bin_dir: binaries(),
        pgpass: join(folder, `${name}.pgpass`),
        authentication: { superuser: login, replication: login, rewind: login },
        pg_hba: [
          'host all all 127.0.0.1/32 trust',
          'host replication all 127.0.0.1/32 trust',
          'local all all trust',
        ],
        parameters: { unix_socket_directories: folder, recovery_init_sync_method: 'syncfs' },
      },
    };
    writeFileSync(this.#config, JSON.stringify(settings)); // JSON is YAML
  }

  start() {
    this.#child = run(this.#folder, 'patroni', [this.#config]);
  }

  /** Kills Patroni and PostgreSQL, as when the machine loses its power. PostgreSQL leaves the group of Patroni. */
  async kill() {
    const server = processesOf(this.#data);
    killGroup(this.#child);
    signal(server, 'SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** What Patroni says: 200 for `primary` on the primary, and for `sync` on its synchronous replica. */
  is(role) {
    return fetch(`http://127.0.0.1:${this.rest}/${role}`).then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}

class PatroniPair {
  #nodes;
  #store;
  #folder;
  #dead;

  constructor(nodes, store, folder) {
    this.#nodes = nodes;
    this.#store = store;
    this.#folder = folder;
  }

  get ports() {
    return this.#nodes.map(({ port }) => port);
  }

  get checks() {
    return this.#nodes.map(({ rest }) => rest);
  }

  async start() {
    const [first, second] = this.#nodes;
    first.start();
    await this.#until(first, 'primary');
    second.start();
    await this.#until(second, 'sync');
  }

  async version() {
    return (await ask((await this.#primary()).url, 'SHOW server_version'))[0].server_version;
  }

  async kill() {
    this.#dead = await this.#primary();
    await this.#dead.kill();
  }

  /** Waits until Patroni has promoted the other node. */
  promote() {
    return this.#until(
      this.#nodes.find((node) => node !== this.#dead),
      'primary',
    );
  }

  /** The dead node comes back, and Patroni makes it the synchronous replica. */
  async follow() {
    this.#dead.start();
    await this.#until(this.#dead, 'sync');
  }

  async stop() {
    for (const node of this.#nodes) await node.kill().catch(() => undefined);
    killGroup(this.#store);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #primary() {
    for (;;)
      for (const node of this.#nodes) {
        if (await node.is('primary')) return node;
        await sleep(LOOK);
      }
  }

  async #until(node, role) {
    while (!(await node.is(role))) await sleep(LOOK);
  }
}
