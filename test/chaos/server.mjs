// A PostgreSQL that can be killed, frozen and started again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { initPostgres } from '../apache/support/postgres.mjs';

const ATTEMPTS = 50;

/** Starts a server of our own on a free port of loopback. */
export async function startServer() {
  const port = await freePort();
  return startIn(port, initPostgres(port));
}

/** Starts the server of a folder that was made for `port`. */
export async function startIn(port, files) {
  const server = new Server(port, files);
  process.on('exit', () => server.discard()); // whatever ends the campaign
  await server.start();
  return server;
}

class Server {
  #folder;
  #program;
  #user;
  #running;

  constructor(port, { url, folder, bin, user }) {
    this.port = port;
    this.url = url;
    this.#folder = folder;
    this.#program = `${bin}/postgres`;
    this.#user = user;
    // After a crash PostgreSQL syncs every file of its folder, one by one by default.
    appendFileSync(`${folder}/data/postgresql.conf`, "recovery_init_sync_method='syncfs'\n");
  }

  /** Starts it, for the first time or again; crash recovery is over when this resolves. It is our own child, so that nobody
   *  takes a killed one for a living one. */
  async start() {
    const log = openSync(`${this.#folder}/log`, 'a');
    const options = { stdio: ['ignore', log, log], cwd: this.#folder, ...this.#user };
    this.#running = spawn(this.#program, ['-D', `${this.#folder}/data`], options);
    await this.#answers();
  }

  /** Kills the postmaster and all its processes with SIGKILL: nothing is flushed, rolled back or said to a client. */
  kill() {
    signal(this.#processes().slice(0, 1), 'SIGSTOP'); // it must not start others meanwhile
    signal(this.#processes(), 'SIGKILL');
  }

  /** Ends it, whatever its state, and removes its files. */
  discard() {
    if (!this.#hasEnded) this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  /** Starts it again after a {@link kill}. It refuses to start as long as one of the killed processes is still dying and has
   *  its shared memory. */
  async restart() {
    await this.#ended();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.start();
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await sleep(100);
      }
    }
  }

  freeze() {
    signal(this.#processes(), 'SIGSTOP');
  }

  thaw() {
    signal(this.#processes(), 'SIGCONT');
  }

  async version() {
    return (await ask(this.url, 'SHOW server_version'))[0].server_version;
  }

  /** Like {@link discard}; resolves when it has ended. */
  async stop() {
    this.discard();
    await this.#ended();
  }

  get #hasEnded() {
    return !this.#running || this.#running.exitCode !== null || this.#running.signalCode !== null;
  }

  async #ended() {
    if (!this.#hasEnded) await once(this.#running, 'exit');
  }

  async #answers() {
    while (!this.#hasEnded) {
      try {
        return await ask(this.url, 'SELECT 1');
      } catch {
        await sleep(20); // it is still starting
      }
    }
    throw new Error(`PostgreSQL has ended:\n${readFileSync(`${this.#folder}/log`, 'utf8').slice(-2000)}`);
  }

  #processes() {
    return processesOf(`${this.#folder}/data`);
  }
}

/** The postmaster of a folder, then its children. */
export function processesOf(data) {
  const postmaster = readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n')[0];
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  return [postmaster, ...children.trim().split(' ')].map(Number).filter(Boolean);
}

export function signal(processes, name) {
  for (const id of processes) {
    try {
      process.kill(id, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it has ended by itself
    }
  }
}

/** Runs one statement on a connection of its own, past the proxy. */
export async function ask(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the query rejects too
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}
