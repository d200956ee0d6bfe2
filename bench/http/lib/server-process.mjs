// One fresh process of a server. Whatever goes wrong with it is an Error that names it, never the end of the run.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rssMb } from './proc.mjs';

const living = new Set();
process.once('exit', () => living.forEach((child) => child.kill('SIGKILL')));

const START_MS = 60_000;
/** A server idles while the others have their turn, and V8 uses that: it collects all of the heap, and with it the hidden classes that
 *  only running requests have, so it gives up all code that knows them. A request then costs up to four times as much, for a
 *  second of load. It also drops code that was idle. A server that is always busy has neither. */
export const BUSY = ['--no-memory-reducer', '--no-flush-bytecode'];
const fileOf = (name) => fileURLToPath(new URL(`../servers/${name}.mjs`, import.meta.url));

/** The line of a stack that says what is wrong, and what to do about a package that is missing. */
export function reasonOf(stderr) {
  const line = stderr.split('\n').find((one) => /Error\b.*:/.test(one))?.trim() ?? stderr.trim().slice(0, 300);
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(line)?.[1];
  if (!missing) return line || 'it ended without a word';
  const remedy = missing.includes('dist') ? 'npm run build' : 'npm run bench:peers';
  return `${missing} is missing: ${remedy}`;
}

export class ServerProcess {
  constructor(server, { node, port, env }) {
    this.server = server;
    this.port = port;
    this.stderr = '';
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'];
    const variables = { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env };
    this.child = fork(fileOf(server.name), { execPath: node, execArgv: BUSY, env: variables, stdio });
    this.child.stderr.on('data', (text) => (this.stderr = (this.stderr + text).slice(0, 8000)));
    this.ended = new Promise((end) => this.child.once('exit', () => end(reasonOf(this.stderr))));
    living.add(this.child);
    this.child.once('exit', () => living.delete(this.child));
  }

  get pid() {
    return this.child.pid;
  }
  get rss() {
    return rssMb(this.pid);
  }

  /** Rejects with the reason if the process ends first, or with `late` after the milliseconds. */
  async before(promise, ms, late) {
    let timer;
    const timeout = new Promise((_, no) => (timer = setTimeout(() => no(new Error(late)), ms)));
    const end = this.ended.then((reason) => Promise.reject(new Error(reason)));
    try {
      return await Promise.race([promise, timeout, end]);
    } finally {
      clearTimeout(timer);
    }
  }

  ready() {
    const up = new Promise((ok) => this.child.once('message', ok));
    return this.before(up, START_MS, `it did not listen within ${START_MS / 1000} s`);
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
