// A Redis Cluster of three primaries and three replicas, whose primaries can be killed.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis6';

const NODES = 6;
/** Milliseconds after which the others take a silent server for dead. */
const NODE_TIMEOUT = 1000;
/** Milliseconds after which something that must come is given up. */
const PATIENCE = 20_000;

/** What every server has: each write is in the log before it is acknowledged, so the log of a dead server says what it had. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'no', '--save', ''];
const CLUSTERED = [
  '--cluster-enabled',
  'yes',
  '--cluster-node-timeout',
  `${NODE_TIMEOUT}`,
  '--cluster-replica-validity-factor',
  '0',
  '--repl-diskless-sync-delay',
  '0',
];

/** Starts servers on the ports from `first` on. The next port is for the inquest. */
export async function startCluster(first) {
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-cluster-'));
  const nodes = Array.from({ length: NODES }, (_, i) => new Node(first + i, join(folder, `${i}`), CLUSTERED));
  const cluster = new Cluster(nodes, folder);
  process.on('exit', () => cluster.discard()); // whatever ends the campaign
  await Promise.all(nodes.map((node) => node.start()));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'];
  execFileSync('redis-cli', create, { stdio: 'pipe' });
  await cluster.isWhole();
  return cluster;
}

class Node {
  #server;

  constructor(port, folder, settings) {
    this.port = port;
    this.folder = folder;
    this.settings = settings;
  }

  async start() {
    mkdirSync(this.folder, { recursive: true });
    const place = ['--bind', '127.0.0.1', '--port', `${this.port}`, '--dir', this.folder];
    this.#server = spawn('redis-server', [...place, ...DURABLE, ...this.settings], { stdio: 'ignore' });
    await until(() => this.ask('PING'));
    await until(async () => !/^loading:1/m.test(await this.ask('INFO', 'persistence')));
  }

  kill() {
    this.signal('SIGKILL');
  }

  signal(name) {
    this.#server?.kill(name);
  }

  async ended() {
    const { exitCode, signalCode } = this.#server;
    if (exitCode === null && signalCode === null) await once(this.#server, 'exit');
  }

  /** Sends one command on a connection of its own. */
  async ask(...command) {
    const client = new Redis({ port: this.port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(...command);
    } finally {
      client.disconnect();
    }
  }

  /** Every row by its name: state, version, marks of the last writes, the row it was moved to, and what was sealed. */
  async rows() {
    const client = new Redis({ port: this.port, host: '127.0.0.1', retryStrategy: null });
    client.on('error', () => {});
    const rows = new Map();
    for (let cursor = '0'; ;) {
      const [next, keys] = await client.scan(cursor, 'COUNT', 1000, 'TYPE', 'hash');
      for (const key of keys) rows.set(key.slice(key.lastIndexOf(':') + 1), await rowOf(client, key));
      if ((cursor = next) === '0') break;
    }
    client.disconnect();
    return rows;
  }
}

const FIELDS = ['state', 'version', 'recent', 'next', 'sealed', 'seen'];

async function rowOf(client, key) {
  const [state, version, recent, next, sealed, seen] = await client.hmgetBuffer(key, ...FIELDS);
  const text = (bytes) => bytes?.toString();
  const row = { state: text(state), version: Number(version), next: text(next), seen: Number(seen) };
  return { ...row, recent: recent?.toString('latin1') ?? '', sealed: sealed?.toString('base64url') };
}

class Cluster {
  #dead;
  /** The ports of the primaries when all was well. */
  #known = new Set();

  constructor(nodes, folder) {
    this.nodes = nodes;
    this.folder = folder;
  }

  get ports() {
    return this.nodes.map(({ port }) => port);
  }

  async version() {
    return /^redis_version:(.*?)\r?$/m.exec(await this.nodes[0].ask('INFO', 'server'))[1];
  }

  /** Kills a primary with SIGKILL: nothing is flushed, replicated or said to a client. With `lag`, its replica stands still for so many
   *  milliseconds before, behind a connection that was cut, so that it has not got the last writes. */
  async kill(random, lag = 0) {
    const members = await this.#members();
    const primaries = members.filter(({ isPrimary }) => isPrimary);
    const { id, port } = primaries[Math.floor(random() * primaries.length)];
    this.#dead = this.#nodeAt(port);
    const heir = this.#nodeAt(members.find(({ primary }) => primary === id).port);
    if (lag) {
      heir.signal('SIGSTOP');
      await this.#dead.ask('CLIENT', 'KILL', 'TYPE', 'replica');
      await sleep(lag);
    }
    this.#dead.kill();
    heir.signal('SIGCONT');
  }

  /** Waits for the promotion of the replica, and starts the dead server again, as a replica. Resolves to the names of the rows
   *  whose last writes the dead server had and the promoted one does not have: what Redis itself has lost. `ends` are those that had
   *  ended or moved, and are live again. */
  async recover() {
    const dead = this.#dead;
    await dead.ended();
    const had = await this.#inquest(dead);
    const heir = await until(async () => (await this.#members(dead)).find((one) => this.#isNew(one)));
    const has = await this.#nodeAt(heir.port).rows();
    await dead.start();
    await this.isWhole();
    const lost = [...had].filter(([name, row]) => isLost(row, has.get(name)));
    const ends = lost.filter(([name, row]) => isLostEnd(row, has.get(name)));
    return { rows: namesOf(lost), ends: namesOf(ends) };
  }

  /** Resolves when every slot is served and every replica has caught up. */
  async isWhole() {
    await until(async () => {
      for (const node of this.nodes) {
        if (!/cluster_state:ok/.test(await node.ask('CLUSTER', 'INFO'))) return false;
        const replication = await node.ask('INFO', 'replication');
        if (/role:slave/.test(replication) && !/master_link_status:up/.test(replication)) return false;
        if (/role:master/.test(replication) && !/slave0:.*state=online/.test(replication)) return false;
      }
      const members = await this.#members();
      this.#known = new Set(members.filter(({ isPrimary }) => isPrimary).map(({ port }) => port));
      return this.#known.size === NODES / 2;
    });
  }

  /** Every row of all primaries. */
  async rows() {
    const primaries = (await this.#members()).filter(({ isPrimary }) => isPrimary);
    const all = await Promise.all(primaries.map(({ port }) => this.#nodeAt(port).rows()));
    return new Map(all.flatMap((rows) => [...rows]));
  }

  discard() {
    for (const node of this.nodes) node.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  /** The rows that a dead server had, from its log, read by a server of no Cluster. */
  async #inquest({ folder }) {
    const copy = join(this.folder, 'inquest');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true });
    const witness = new Node(this.nodes[0].port + NODES, copy, ['--aof-load-truncated', 'yes']);
    await witness.start();
    const rows = await witness.rows();
    witness.kill();
    await witness.ended();
    return rows;
  }

  /** The members as a living one sees them. */
  async #members(dead) {
    const witness = this.nodes.find((node) => node !== dead);
    const lines = (await witness.ask('CLUSTER', 'NODES')).trim().split('\n');
    return lines.map((line) => {
      const [id, address, flags, primary, , , , , ...slots] = line.split(' ');
      const isPrimary = /\bmaster\b/.test(flags) && !/\bfail\b/.test(flags);
      return { id, primary, port: Number(/:(\d+)@/.exec(address)[1]), isPrimary, hasSlots: slots.length > 0 };
    });
  }

  #isNew({ isPrimary, hasSlots, port }) {
    return isPrimary && hasSlots && !this.#known.has(port);
  }

  #nodeAt(port) {
    return this.nodes.find((node) => node.port === port);
  }
}

const namesOf = (rows) => rows.map(([name]) => name);

const isLostEnd = (had, has) => had.state !== 'live' && has?.state === 'live';

/** The promoted server lacks the last write of a row: its mark, its end, or its version. */
function isLost(had, has) {
  if (!has || isLostEnd(had, has)) return true;
  return has.version < had.version || !has.recent.includes(had.recent.slice(0, 8));
}

/** Repeats what fails or gives nothing, until it gives something. */
async function until(attempt) {
  for (const end = performance.now() + PATIENCE; ;) {
    const result = await Promise.resolve(attempt()).catch(() => undefined);
    if (result) return result;
    if (performance.now() > end) throw new Error(`nothing after ${PATIENCE} ms: ${attempt}`);
    await sleep(20);
  }
}
