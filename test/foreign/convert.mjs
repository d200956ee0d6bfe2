#!/usr/bin/env node
// npm run test:convert: `session-crypto convert` moves sessions of the real connect-pg-simple while the old application and one of
// Nest run on both, and visitors go back and forth under load. Then the old application stops, its table is dropped, and every
// session is asked for: nobody may be logged out, and no change may be lost that was acknowledged before a visitor's first request
// to the new application. SIZE is the number of sessions, VISITORS of those that come meanwhile, ASKED of those that are asked for. Needs a build and PostgreSQL; the
// packages are installed into a temporary folder. `CLIENTS=DIR` names a folder that has them already.
import assert from 'node:assert/strict';
import { execFileSync, fork, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { database } from '../../bench/http/lib/pg.mjs';
import { createTableSql } from '../../dist/esm/pg.js';

const SIZE = Number(process.env.SIZE ?? 2000);
const VISITORS = Number(process.env.VISITORS ?? Math.min(100, SIZE / 10));
/** Sessions that are asked for at the end, one request each. The last run has compared all of them with the old table. */
const ASKED = Number(process.env.ASKED ?? SIZE);
const GONE = Math.ceil(SIZE / 100);
const SECRET = 'the secret of the old application';
const HOUR = 3600;
const PACKAGES = ['connect-pg-simple@10', 'pg@8', 'express-session@1'];

const folder = process.env.CLIENTS ?? mkdtempSync(join(tmpdir(), 'session-crypto-convert-'));
if (!process.env.CLIENTS)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES], {
    stdio: 'ignore',
  });
const load = createRequire(join(folder, 'index.js'));
const work = mkdtempSync(join(tmpdir(), 'session-crypto-convert-work-'));
const server = await database({ port: Number(process.env.TEST_PG_PORT ?? 18557) });
// Also after a failure. The applications end when this process does.
process.once('exit', () => {
  server.stop();
  rmSync(work, { recursive: true, force: true });
  if (!process.env.CLIENTS) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const pool = new (load('pg').Pool)({ connectionString: server.url, max: 20 });
const session = load('express-session');
const PgStore = load('connect-pg-simple')(session);
const oldStore = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
for (const sql of createTableSql({ table: 'our_sessions' })) await pool.query(sql);

const began = performance.now();
const say = (text) =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const set = (id, data) =>
  new Promise((resolve, reject) => oldStore.set(id, data, (error) => (error ? reject(error) : resolve())));
const destroy = (id) =>
  new Promise((resolve, reject) => oldStore.destroy(id, (error) => (error ? reject(error) : resolve())));

/** Works on the numbers below `count`, `width` at once. */
async function each(count, width, work) {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

const idOf = (i) => createHmac('sha256', 'ids').update(String(i)).digest('base64url').slice(0, 32);
const cookieOf = (i) => {
  const signature = createHmac('sha256', SECRET).update(idOf(i)).digest('base64').replaceAll('=', '');
  return encodeURIComponent(`s:${idOf(i)}.${signature}`);
};
const expires = new Date(Date.now() + 24 * HOUR * 1000);
const seedOf = (i) => ({
  cookie: { originalMaxAge: 24 * HOUR * 1000, expires: expires.toISOString(), httpOnly: true, path: '/' },
  passport: { user: `user-${i}` },
  visits: 0,
});

await each(SIZE, 40, (i) => set(idOf(i), seedOf(i)));
say(`${SIZE} sessions made by connect-pg-simple`);

/** Starts one of both applications in a process of its own. */
async function application(name, more = {}) {
  const child = fork(fileURLToPath(new URL('convert-app.mjs', import.meta.url)), [name], {
    env: { ...process.env, CLIENTS: folder, DATABASE_URL: server.url, OLD_SECRET: SECRET, ...more },
  });
  const [url] = await once(child, 'message');
  return {
    url,
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

const old = await application('old');
let ours = await application('new', { OLD_RUNS: '1' });

/** What went wrong, by its kind. */
const faults = {};
const fault = (kind, text) => {
  faults[kind] = (faults[kind] ?? 0) + 1;
  if (faults[kind] <= 3) console.log(`${kind}: ${text}`);
};
let requests = 0;

/** A browser with both cookies. */
class Visitor {
  jar = new Map();
  /** Visits that each application has acknowledged. */
  acknowledged = 0;
  switched = false;

  constructor(i) {
    this.i = i;
    this.jar.set('connect.sid', cookieOf(i));
  }

  async ask(url, path) {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url + path, { headers: { cookie } });
    requests++;
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) this.jar.set(name, value);
      else this.jar.delete(name);
    }
    assert.equal(response.ok, true, `${response.status} from ${path}`);
    return response.json();
  }

  /** Visits one of both, and counts there. A visitor who has come to the new one finds his later visits only there. */
  async visit(isNew) {
    const { user, visits } = await this.ask(isNew ? ours.url : old.url, '/visit');
    if (user !== `user-${this.i}`) return fault('logged out', `${isNew ? 'new' : 'old'}: ${user}`);
    if (!isNew && this.switched) return undefined;
    if (visits !== this.acknowledged + 1)
      fault('lost', `${isNew ? 'new' : 'old'}: ${visits} visits, ${this.acknowledged} were acknowledged`);
    this.acknowledged = visits;
    this.switched ||= isNew;
    return undefined;
  }
}

const visitors = Array.from({ length: VISITORS }, (_, i) => new Visitor(GONE + i));
const traffic = { stopped: false };
let rounds = 0;
/** The first half stays in the old application for some visits; later visits are at either. */
async function goBackAndForth(visitor) {
  for (let n = 0; !traffic.stopped; n++) {
    const isNew = n > 5 + (visitor.i % 40) && Math.random() < 0.5;
    await visitor.visit(isNew).catch((error) => fault('failed', error.message));
    rounds++;
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
  }
}
const visits = visitors.map(goBackAndForth);

const options = join(work, 'session.options.mjs');
writeFileSync(
  options,
  `import { createRequire } from 'node:module';
import { fromExpressSession } from '${new URL('../../dist/esm/migrate.js', import.meta.url)}';
import { pgStore } from '${new URL('../../dist/esm/pg.js', import.meta.url)}';
const { Pool } = createRequire('${join(folder, 'index.js')}')('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 16, allowExitOnIdle: true });
export const sessionOptions = {
  crypto: {
    secrets: ['hex:${'11'.repeat(32)}'],
    accept: [
      fromExpressSession({
        secret: '${SECRET}',
        store: 'converted',
        until: new Date(${Date.now() + 48 * HOUR * 1000}),
        subjectFrom: (data) => data.passport?.user,
      }),
    ],
  },
  session: { idleTimeout: ${24 * HOUR}, absoluteTimeout: 0 },
  store: pgStore({ pool, table: 'our_sessions' }),
};
`,
);
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const main = fileURLToPath(new URL(`../../${Object.values(manifest.bin)[0]}`, import.meta.url));

/** Interrupts a run that has stored some sessions. */
async function stopWhenItHasWritten(child) {
  const stored = async () => (await pool.query('SELECT count(*)::int AS n FROM our_sessions')).rows[0].n;
  const before = await stored();
  while (child.exitCode === null && (await stored()) < before + SIZE / 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
}

/** Runs the command, and interrupts it if asked to. */
async function convert(args, { interrupted = false } = {}) {
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [main, 'convert', '--from', 'connect-pg-simple', '--config', options, ...args],
    { env: { ...process.env, DATABASE_URL: server.url } },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const exit = once(child, 'exit');
  if (interrupted) await stopWhenItHasWritten(child);
  const [status] = await exit;
  const seconds = (performance.now() - begin) / 1000;
  return { status, out, err, seconds };
}
/** Runs it to its end and returns the numbers. */
async function numbers(...args) {
  const { status, out, err, seconds } = await convert(['--json', ...args]);
  assert.equal(status, 0, err);
  const report = JSON.parse(out);
  say(
    `convert ${args.filter((arg) => arg.startsWith('--')).join(' ')} took ${seconds.toFixed(1)} s: ${JSON.stringify(report)}`,
  );
  return report;
}

const dry = await numbers();
assert.equal(dry.read, SIZE);
// The first run is interrupted, and a second one goes on where it has stopped.
const first = await convert(['--write', '--batch', '100'], {
  interrupted: true,
});
const mark = /--after (\S+)/.exec(first.err)?.[1];
say(`a run that was interrupted: status ${first.status}${mark ? ', and how to go on' : ''}`);
if (first.status !== 0) assert.equal(first.status, 75, first.err);
await numbers('--write', ...(mark ? ['--after', mark] : []));

// Some log out in the old application after their conversion.
await each(GONE, 10, (i) => destroy(idOf(i)));
say(`${GONE} sessions ended in the old application`);
const second = await numbers('--write');
assert.equal(second.ended, GONE);

while (visitors.some(({ switched }) => !switched)) await new Promise((resolve) => setTimeout(resolve, 100));
traffic.stopped = true;
await Promise.all(visits);
say(`${requests} requests of ${VISITORS} visitors at both, ${rounds} visits`);

// The old application stops; the last run finds nothing left, and its table goes.
await old.stop();
await numbers('--write');
const last = await numbers('--write');
assert.deepEqual([last.converted, last.changed, last.ended, last.unreadable], [0, 0, 0, {}]);
assert.equal(last.present + last.migrated, SIZE - GONE);
await ours.stop();
await pool.query('DROP TABLE session');
ours = await application('new');
for (const visitor of visitors) await visitor.visit(true).catch((error) => fault('failed', error.message));
await each(Math.min(ASKED, SIZE), 16, async (n) => {
  const i = Math.floor((n * SIZE) / Math.min(ASKED, SIZE));
  if (i >= GONE && i < GONE + VISITORS) return;
  const { user } = await new Visitor(i).ask(ours.url, '/visit');
  if (i < GONE && user) fault('came back', user);
  if (i >= GONE && user !== `user-${i}`) fault('logged out', `user-${i} is ${user}`);
});
say(`${Math.min(ASKED, SIZE)} sessions asked for without the old table`);
const { rows } = await pool.query(
  "SELECT count(*)::int AS n FROM our_sessions WHERE encode(sealed, 'escape') LIKE '%user-%'",
);
assert.equal(rows[0].n, 0, 'a readable row');

console.log(
  `logged out ${faults['logged out'] ?? 0}, changes lost ${faults.lost ?? 0}, came back ${faults['came back'] ?? 0}, failed ${faults.failed ?? 0}`,
);
await Promise.all([ours.stop(), pool.end()]);
process.exit(Object.keys(faults).length ? 1 : 0);
