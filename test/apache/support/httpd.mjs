// A private Apache httpd: own configuration in a temporary folder, on loopback, as an unprivileged user when we are
// root. Plain JavaScript, so that the bench starts the same server as the tests.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PROGRAMS = ['/usr/sbin/apache2', '/usr/sbin/httpd', '/usr/local/apache2/bin/httpd'];
const MODULE_FOLDERS = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/local/apache2/modules'];
const USERS = ['www-data', 'apache', 'nobody'];
const MODULES = ['mpm_event', 'unixd', 'authz_core', 'alias', 'session', 'session_cookie', 'session_crypto'];
const PATIENCE_MS = 15_000;
const ATTEMPTS = 3;
const PORT_TAKEN = /AH00072|Address already in use/;
const READY = 'resuming normal operations';

/** What tests and CI have to install on Debian. */
export const PACKAGES = 'apache2-bin libaprutil1-dbd-pgsql';

/** Where httpd is, or undefined when it is not installed. */
export function findHttpd() {
  const program = PROGRAMS.find((path) => existsSync(path));
  const modules = MODULE_FOLDERS.find((path) => existsSync(join(path, 'mod_session_crypto.so')));
  return program && modules && { program, modules };
}

export async function startHttpd(options) {
  const found = findHttpd();
  if (!found) throw new Error(`Apache httpd is not installed: apt-get install ${PACKAGES}`);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(found, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !PORT_TAKEN.test(error.message)) throw error;
    }
  }
}

async function startOnce(found, options) {
  const root = mkdtempSync(join(tmpdir(), 'session-crypto-httpd-'));
  try {
    return await startIn(root, found, options);
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(root, found, { modules = [], config, files = {} }) {
  chmodSync(root, 0o755);
  for (const folder of ['htdocs', 'run']) mkdirSync(join(root, folder));
  for (const [path, text] of Object.entries(files)) writeFile(join(root, path), text);
  const port = await freePort();
  const base = baseConfig(root, found.modules, port, [...MODULES, ...modules]);
  const write = (excerpt) => writeFile(join(root, 'httpd.conf'), `${base}\n${excerpt}\n`);
  write(config);
  const child = spawn(found.program, ['-d', root, '-f', join(root, 'httpd.conf'), '-DFOREGROUND'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const server = new Httpd(root, port, child, write);
  await server.ready(1);
  return server;
}

/** Servers that would outlive this process. One listener ends them all: a file starts more than ten. */
const RUNNING = new Set();
process.on('exit', () => {
  for (const child of RUNNING) child.kill('SIGTERM'); // ends its workers, too
});

class Httpd {
  #child;
  #write;
  #complaint = '';

  constructor(root, port, child, write) {
    this.root = root;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.pid = child.pid;
    this.#child = child;
    this.#write = write;
    child.stderr.on('data', (bytes) => (this.#complaint += bytes));
    RUNNING.add(child);
    child.once('exit', () => RUNNING.delete(child));
  }

  errorLog() {
    const path = join(this.root, 'error.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async reload(config) {
    if (config !== undefined) this.#write(config);
    const starts = this.#starts();
    const old = childrenOf(this.pid);
    this.#child.kill('SIGUSR1');
    await this.ready(starts + 1);
    await this.#until(() => !childrenOf(this.pid).some((pid) => old.includes(pid)));
  }

  async stop() {
    if (this.#running) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Waits until httpd has said `starts` times that it runs. */
  ready(starts) {
    return this.#until(() => this.#starts() >= starts);
  }

  async #until(reached) {
    const begun = performance.now();
    while (!reached()) {
      if (!this.#running) throw new Error(`httpd does not run: ${this.#complaint}${this.errorLog()}`);
      if (performance.now() - begun > PATIENCE_MS) {
        await this.stop();
        throw new Error(`httpd is not ready in time: ${this.#complaint}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  get #running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #starts() {
    return this.errorLog().split(READY).length - 1;
  }
}

function writeFile(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}

function baseConfig(root, folder, port, modules) {
  return `
Define ROOT "${root}"
DefaultRuntimeDir run
PidFile run/pid
ErrorLog error.log
LogLevel notice
ServerName localhost
Define PORT ${port}
Listen 127.0.0.1:${port}
${modules.map((name) => loadModule(folder, name)).join('\n')}
${process.getuid() === 0 ? unprivileged() : ''}
LimitRequestLine 65536
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 64
MinSpareThreads 16
MaxSpareThreads 64
DocumentRoot htdocs`;
}

/** Modules that are built in have no file. */
function loadModule(folder, name) {
  const file = join(folder, `mod_${name}.so`);
  return existsSync(file) ? `LoadModule ${name}_module ${file}` : '';
}

function unprivileged() {
  const id = (...args) => execFileSync('id', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  for (const user of USERS) {
    try {
      return `User ${user}\nGroup ${id('-gn', user)}`;
    } catch {
      continue;
    }
  }
  throw new Error(`none of the users ${USERS.join(', ')} exists`);
}

/** The processes that serve for httpd's parent process. */
export function childrenOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

/** A loopback port that nobody listens on just now. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
