// What the programs of this folder share that install the packed package into applications in temporary folders.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Prints what is done, and the seconds since the start of the process. */
export const done = (what) => console.log(`${what} (${Math.round(performance.now() / 1000)} s)`);

/** Runs a program and returns what it prints. If it fails, throws an error that has what it printed. */
export function run(program, args, options) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    ...options,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}: ${error ?? signal ?? status}\n${stdout}${stderr}`);
}

/** Installs packages, or what package.json names, into an application. */
export const install = (cwd, ...packages) =>
  run('npm', ['install', '--no-fund', '--no-audit', '--loglevel=error', ...packages], { cwd });

/** Packs the package as it was built, and returns the path of the tarball. */
export function pack(folder) {
  run('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  return join(folder, tarball);
}

/** Does something in a temporary folder, which is removed then. */
export async function inTemporaryFolder(name, work) {
  const folder = mkdtempSync(join(tmpdir(), `session-crypto-${name}-`));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

const START_LIMIT = 120_000; // milliseconds

/** Starts an application by a command of the shell. Gives its address once it answers, and what stops it. */
export async function serve(cwd, command, env = {}) {
  const port = await freePort();
  const child = spawn(command, {
    cwd,
    shell: true,
    detached: true, // a group of its own, so that what npm starts ends with it
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: String(port), ...env },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
    await exited;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const limit = Date.now() + START_LIMIT; !(await answers(url)); await pause()) {
    if (child.exitCode === null && Date.now() < limit) continue;
    await stop();
    throw new Error(`${command} did not start in ${cwd}:\n${printed}`);
  }
  return { url, stop };
}

const answers = (url) =>
  fetch(url).then(
    (response) => response.text().then(() => true),
    () => false,
  );
const pause = () => new Promise((over) => setTimeout(over, 100));

/** A visitor who keeps the cookies that he gets. */
export class Visitor {
  cookies = new Map();

  constructor(url) {
    this.url = url;
  }

  /** The header that brings his cookies. */
  get cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(path, options = {}) {
    const headers = { ...options.headers, ...(this.cookies.size ? { cookie: this.cookie } : {}) };
    const response = await fetch(`${this.url}${path}`, { ...options, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return { status: response.status, text: await response.text() };
  }

  keep(line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (/Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  get = (path) => this.ask(path);
  post = (path, form) =>
    this.ask(path, { method: 'POST', ...(form ? { body: new URLSearchParams(form) } : {}) });
}
