#!/usr/bin/env node
// npm run test:telemetry: the recipe of docs/prometheus with a real Prometheus and PostgreSQL. Two processes of an application are
// scraped while visitors use them and the database fails once. Then every query of the Grafana dashboard must have data, every alert
// must be evaluated, and the counters must be what the visitors counted. Needs a build and Debian's prometheus and postgresql.
import { execFileSync, fork } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTableSql } from '../../dist/esm/pg.js';
import { ask, freePort, startServer } from '../chaos/server.mjs';
import { startPrometheus } from './prometheus.mjs';
import { outage, prune, usualDay } from './story.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const DASHBOARD = JSON.parse(readFileSync(at('../../docs/grafana/sessions.json'), 'utf8'));
/** How long the visitors come. */
const DAY_MS = 12_000;

try {
  execFileSync('prometheus', ['--version'], { stdio: 'pipe' });
} catch {
  console.error('prometheus is not installed: apt-get install --no-install-recommends prometheus');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'session-crypto-prometheus-'));
const ends = [() => rmSync(folder, { recursive: true, force: true })];
process.on('exit', () => ends.toReversed().forEach((end) => end()));
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(130));

let passed = 0;
let failed = 0;
function check(what, isRight, detail = '') {
  if (isRight) passed++;
  else failed++;
  if (!isRight) console.log(`FAILED: ${what} ${detail}`);
}

async function startApp(url) {
  const [port, metrics] = [await freePort(), await freePort()];
  const env = { ...process.env, PORT: String(port), METRICS_PORT: String(metrics), APP_PG: url };
  const child = fork(at('app.mjs'), { env, execArgv: ['--import', join(folder, 'otel.mjs')] });
  ends.push(() => child.kill('SIGKILL'));
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the application has ended with ${code}`)));
  });
  return { port, metrics };
}

/** The query of a panel as Grafana sends it, with all jobs and sessions. */
const asGrafana = (expr) =>
  expr.replaceAll('$__rate_interval', '5s').replaceAll('$session', '.+').replaceAll('$job', '.+');

/** Waits until a number is what it must be; a scrape takes a second. */
async function settled(prometheus, query, wanted) {
  let found;
  for (let attempt = 0; attempt < 50 && found !== wanted; attempt++) {
    found = await prometheus.number(query);
    if (found !== wanted) await sleep(200);
  }
  check(query, found === wanted, `is ${found}; the visitors counted ${wanted}`);
}

cpSync(at('../../docs/prometheus'), folder, { recursive: true });
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: folder,
  stdio: 'inherit',
});
const database = await startServer();
for (const sql of createTableSql()) await ask(database.url, sql);
const apps = [await startApp(database.url), await startApp(database.url)];
const ports = apps.map(({ port }) => port);
const prometheus = await startPrometheus(
  folder,
  await freePort(),
  apps.map(({ metrics }) => metrics),
);
ends.push(() => prometheus.stop());

const begun = Date.now() / 1000;
for (const port of ports) await prune(port);
const counts = await usualDay(ports, DAY_MS);
await ask(database.url, "UPDATE session_crypto SET deadline = now() - interval '1 day' WHERE state > 0");
for (const port of ports) await prune(port);
const { during, after } = await outage(ports[0], database);
check('a read while the database is away', during === 503, `answers ${during}`);
check('a read when it is back', after === 200, `answers ${after}`);

const NAME = 'nestjs_session_crypto';
await settled(prometheus, `sum(${NAME}_sessions_begun_total)`, counts.begun + 1);
await settled(prometheus, `sum(${NAME}_logins_total)`, counts.logins);
await settled(prometheus, `sum(${NAME}_sessions_ended_total{${NAME}_reason="logout"})`, counts.loggedOut);
await settled(prometheus, `sum(${NAME}_sessions_ended_total{${NAME}_reason="revoked"})`, counts.revoked);
await settled(prometheus, `sum(${NAME}_cookies_rejected_total{${NAME}_reason="version"})`, counts.forged);
await settled(prometheus, `min(${NAME}_store_up)`, 1);

const end = Date.now() / 1000;
for (const { title, targets } of DASHBOARD.panels)
  for (const { expr } of targets) {
    const series = await prometheus.range(asGrafana(expr), begun, end);
    const values = series
      .flatMap(({ values }) => values.map(([, value]) => Number(value)))
      .filter(Number.isFinite);
    check(
      `the panel "${title}"`,
      values.some((value) => value !== 0),
      `has ${values.length} values, all 0: ${expr}`,
    );
  }
for (const { name, health, lastError } of await prometheus.rules())
  check(`the alert ${name}`, health === 'ok', lastError);
for (const { health, lastError } of await prometheus.targets()) check('a target', health === 'up', lastError);
console.log(
  `${counts.begun} sessions in ${(end - begun).toFixed(0)} s; ${DASHBOARD.panels.length} panels of the dashboard`,
);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
