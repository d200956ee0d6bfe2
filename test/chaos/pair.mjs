// A primary and its replica: two clusters of PostgreSQL on loopback, of which one can die and the other take over.
import { setTimeout as sleep } from 'node:timers/promises';
import { initReplica } from '../apache/support/postgres.mjs';
import { ask, freePort, startIn, startServer } from './server.mjs';

/** Milliseconds between two looks at a server. */
const LOOK = 50;

/** Starts a primary and its replica. With `synchronous`, a change counts when the replica has it too. */
export async function startPair({ synchronous }) {
  const pair = new Pair(await startServer(), synchronous);
  await pair.follow();
  return pair;
}

class Pair {
  #synchronous;

  constructor(primary, synchronous) {
    this.primary = primary;
    this.replica = undefined;
    this.#synchronous = synchronous;
    /** The ports never change; the roles do. */
    this.ports = [primary.port];
  }

  get servers() {
    return [this.primary, this.replica].filter(Boolean);
  }

  version() {
    return this.primary.version();
  }

  /** Kills the primary: nothing is flushed or said to anybody. */
  kill() {
    this.primary.kill();
  }

  /** The replica takes over, and takes writes when this resolves. The dead primary is forgotten. */
  async promote() {
    const dead = this.primary;
    this.primary = this.replica;
    this.replica = undefined;
    await ask(this.primary.url, 'SELECT pg_promote(true, 60)');
    await dead.stop();
  }

  /** A replica follows the primary, made from a new base backup, at the port that is free. Resolves when it has caught up. */
  async follow() {
    const port = this.ports.find((one) => one !== this.primary.port) ?? (await freePort());
    if (!this.ports.includes(port)) this.ports.push(port);
    await this.#waitForNobody();
    this.replica = await startIn(port, initReplica(port, this.primary.url));
    await this.#until(`SELECT FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL`);
    if (this.#synchronous) await this.#waitForReplica();
  }

  /** The replica gets nothing more from the primary, and does not say so. */
  async unfollow() {
    await ask(this.replica.url, `ALTER SYSTEM SET primary_conninfo = ''`);
    await ask(this.replica.url, 'SELECT pg_reload_conf()');
    while ((await ask(this.replica.url, 'SELECT FROM pg_stat_wal_receiver')).length) await sleep(LOOK);
  }

  async stop() {
    for (const server of this.servers) await server.stop();
  }

  async #waitForReplica() {
    await this.#set(`'*'`);
    await this.#until(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`);
  }

  /** A base backup copies the settings, and a primary without a replica must not wait for one. */
  #waitForNobody() {
    return this.#set(`''`);
  }

  async #set(names) {
    await ask(this.primary.url, `ALTER SYSTEM SET synchronous_standby_names = ${names}`);
    await ask(this.primary.url, 'SELECT pg_reload_conf()');
  }

  async #until(query) {
    while (!(await ask(this.primary.url, query)).length) await sleep(LOOK);
  }
}
