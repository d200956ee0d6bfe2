#!/usr/bin/env node
// A soak: two processes of one application, on Fastify and on Express, with sessions in a real PostgreSQL, telemetry and (where this
// build has it) the dashboard. Visitors count what they do. At the end, the figures of the telemetry must be theirs, every session
// that somebody left must hold what he put there, and memory must be flat. Exits with 1 otherwise.
//   npm run bench:soak       MINUTES=30  USERS=24  SAMPLE=60 (seconds)  PORT=18800  ADAPTERS=fastify,express
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { database } from './http/lib/pg.mjs';
import { createTableSql } from '../dist/esm/pg.js';
import pg from 'pg';
import { dashboardFigures } from './soak/dashboard.mjs';
import { slope } from './soak/slope.mjs';
import { newCounts, Visitor } from './soak/visitor.mjs';

const {
  MINUTES = '30',
  USERS = '24',
  SAMPLE = '60',
  PORT = '18800',
  ADAPTERS = 'fastify,express',
} = process.env;
/** Megabytes that memory may seem to grow over the last two thirds of a run: the collector moves pages as it likes. In half an hour, a
 *  leak of 1 KB a session is more. */
const FLAT = { heap: 4, rss: 20 };
/** The part by which a count may be off: of a large table, a sample is counted. */
const SAMPLED = 0.03;
const MB = 2 ** 20;

const db = await database({ port: Number(PORT) });
const running = [];
const stop = () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  db.stop();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (stop(), process.exit(130)));

async function startApp(adapter, port) {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    SOAK_PG: db.url,
    SOAK_ADAPTER: adapter,
    PORT: String(port),
  };
  const file = fileURLToPath(new URL('./soak/app.mjs', import.meta.url));
  const child = fork(file, { env, execArgv: ['--expose-gc'] });
  const ended = new Promise((_, reject) =>
    child.once('exit', (code) => reject(new Error(`${adapter} has ended with ${code}`))),
  );
  ended.catch(() => {}); // whoever waits hears of it
  const next = () => Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
  const app = {
    adapter,
    port,
    child,
    samples: [],
    ask: (question) => (child.send(question), next().then(({ answer }) => answer)),
  };
  running.push(app);
  await next();
  return app;
}

/** Lets one visitor live session after session until the end, and keeps some that he has left. */
async function visit(visitor, until, left) {
  await visitor.open();
  while (performance.now() < until) {
    const rest = await visitor.live();
    if (rest) left.push(rest);
    await sleep(Math.random() * 20);
  }
}

async function sample(begun, until) {
  while (performance.now() < until) {
    await sleep(Math.min(Number(SAMPLE) * 1000, Math.max(0, until - performance.now())));
    const minute = (performance.now() - begun) / 60_000;
    for (const app of running) {
      const { rss, heapUsed } = await app.ask('memory');
      app.samples.push({ minute, rss: rss / MB, heap: heapUsed / MB });
    }
    const text = running.map(
      ({ adapter, samples }) =>
        `${adapter} ${samples.at(-1).rss.toFixed(1)} MB (heap ${samples.at(-1).heap.toFixed(1)})`,
    );
    console.log(
      `minute ${minute.toFixed(1)}: ${text.join(', ')}; ${counts.requests} requests, ${counts.begun} sessions`,
    );
  }
}

/** The sum over all processes of one number; of all numbers of a metric without a key. */
const total = (figures, name, key) =>
  figures.reduce((sum, one) => {
    const numbers = one[name] ?? {};
    return (
      sum + (key === undefined ? Object.values(numbers).reduce((all, n) => all + n, 0) : (numbers[key] ?? 0))
    );
  }, 0);

/** The page of each process shows the figures of all. */
async function compareDashboard(ports) {
  const wanted = {
    'New sessions': counts.begun,
    Logins: counts.logins,
    'Logout or destroy()': counts.loggedOut,
    'Revoked from outside': counts.revoked,
    ...counts.refused,
  };
  for (const [i, port] of ports.entries()) {
    const shown = await dashboardFigures(port, wanted);
    for (const [name, n] of Object.entries(wanted)) row(`dashboard ${i + 1}: ${name}`, shown[name], n);
  }
}

const counts = newCounts();
const left = [];
let faults = 0;
const row = (what, seen, wanted, fine = seen === wanted) => {
  if (!fine) faults++;
  console.log(`| ${what} | ${seen} | ${wanted} | ${fine ? 'yes' : 'NO'} |`);
};

try {
  const admin = new pg.Client(db.url);
  await admin.connect();
  for (const sql of createTableSql()) await admin.query(sql);
  for (const [i, adapter] of ADAPTERS.split(',').entries()) await startApp(adapter, Number(PORT) + 1 + i);
  const dashboard = await running[0].ask('dashboard');
  console.log(
    `${MINUTES} minutes, ${USERS} visitors, ${ADAPTERS}, Node ${process.version}; dashboard: ${dashboard ? 'on' : 'not in this build'}`,
  );
  const begun = performance.now();
  const until = begun + Number(MINUTES) * 60_000;
  const ports = running.map(({ port }) => port);
  const visitors = Array.from({ length: Number(USERS) }, (_, i) => new Visitor(`user${i}`, ports, counts));
  await Promise.all([...visitors.map((one) => visit(one, until, left)), sample(begun, until)]);
  for (const one of left.slice(-2000)) await visitors[0].check(one);
  for (const one of visitors) one.close();

  const figures = [];
  for (const app of running) figures.push(await app.ask('figures'));
  const ours = (name, key) => total(figures, `nestjs_session_crypto.${name}`, key);
  const { rows } = await admin.query('SELECT count(*)::int AS live FROM session_crypto WHERE state = 0');
  await admin.end();

  console.log('\n| what | seen | the visitors | equal |\n|---|---|---|---|');
  const reports = dashboard ? running.length : 0; // the dashboard of each process keeps a row of its own
  row('sessions begun', ours('sessions.begun'), counts.begun);
  row('ended by logout', ours('sessions.ended', 'logout'), counts.loggedOut);
  row('ended by revoke', ours('sessions.ended', 'revoked'), counts.revoked);
  row('logins', ours('logins'), counts.logins);
  for (const [reason, n] of Object.entries(counts.refused))
    row(`refused: ${reason}`, ours('cookies.rejected', reason), n);
  row(
    'refused: all',
    ours('cookies.rejected'),
    Object.values(counts.refused).reduce((sum, n) => sum + n, 0),
  );
  row('cookies opened', ours('steps', 'open'), counts.withCookie);
  row(
    'rows created',
    total(figures, 'db.client.operation.duration', 'create postgresql'),
    counts.begun, // the rows of the dashboards are nobody's request
  );
  row('requests that wait', ours('waiter.count'), 0);
  row('changes dropped', ours('changes.dropped'), 0);
  const live = counts.begun - counts.loggedOut - counts.revoked;
  row('live rows of the table', rows[0].live, live + reports);
  for (const [i, { adapter }] of running.entries()) {
    const seen = total([figures[i]], 'nestjs_session_crypto.session.count');
    row(`live sessions, by ${adapter}`, seen, live, Math.abs(seen / live - 1) <= SAMPLED);
  }
  row(
    'saves merged',
    ours('saves.merged'),
    'more than 0 with two processes',
    running.length < 2 || ours('saves.merged') > 0,
  );
  if (dashboard) await compareDashboard(running.map(({ port }) => port));
  row('wrong answers', counts.wrong.length, 0);
  if (counts.wrong.length) console.log(counts.wrong.slice(0, 5));
  console.log(
    `\n${counts.requests} requests: ${counts.reads} reads, ${counts.changes} changes, ${counts.wrong.length} wrong answers\n`,
  );
  console.log('| memory | first MB | last MB | MB a minute | flat |\n|---|---|---|---|---|');
  for (const { adapter, samples } of running)
    for (const [kind, limit] of Object.entries(FLAT)) {
      const grows = slope(samples.map((one) => [one.minute, one[kind]]));
      const fine = (grows * Number(MINUTES) * 2) / 3 <= limit;
      if (!fine) faults++;
      console.log(
        `| ${adapter}, ${kind} | ${samples[0][kind].toFixed(1)} | ${samples.at(-1)[kind].toFixed(1)} | ${grows.toFixed(2)} | ${fine ? 'yes' : 'NO'} |`,
      );
    }
} finally {
  stop();
}
process.exit(faults ? 1 : 0);
