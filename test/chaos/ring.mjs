#!/usr/bin/env node
// Processes with a managed key ring on a fast clock, one of them with a clock that is 5 minutes off, under load: keys are made,
// published, promoted, retired and dropped, and no session may be lost and no request may fail.
//
//   node test/chaos/ring.mjs                                    4 processes, 45 s, Postgres: what CI runs
//   PROCESSES=20 SECONDS=280 FACTOR=12 node test/chaos/ring.mjs the run by hand
//   STORE=redis node test/chaos/ring.mjs                        keys and sessions in Redis
//   DEAF=1 node test/chaos/ring.mjs                             one process never reads the keys again: it must be reported
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pick, seeded } from './random.mjs';
import { startStore } from './ring-store.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const {
  PROCESSES = '4',
  SECONDS = '45',
  FACTOR = '60',
  STORE = 'postgres',
  SEED = '1',
  USERS = '24',
} = process.env;
const [count, seconds, factor, users] = [PROCESSES, SECONDS, FACTOR, USERS].map(Number);
/** Seconds of the fast clock. */
const ROTATION = 720;
const LEAD = 240;
const LONGEST = 480;
/** Seconds by which the clock of one process is wrong. */
const SKEW = 300;
/** Seconds of the fast clock within which every process must have a new key: two readings, which are a minute by default. */
const MINUTE = Math.max(60, 2 * factor);

const start = Date.now();
const store = await startStore(STORE);
const facts = { changed: [], rings: [], downs: [], alarms: [], rejected: 0, restarts: 0 };
const processes = [];

await Promise.all(Array.from({ length: count }, (_, i) => startProcess(i)));
console.log(
  `${STORE}, ${count} processes, clock ${factor} times as fast, ${((Date.now() - start) / 1000).toFixed(1)} s to start`,
);
const began = Date.now();
const end = began + 1000 * seconds;
const results = await Promise.all([
  ...Array.from({ length: users }, (_, i) => useSession(`user-${i}`, seeded(1000 * Number(SEED) + i))),
  restartInTurn(),
]);
for (let i = 0; i < 40 && new Set(lastRings()).size > 1; i++) await sleep(250); // the last change is on its way
const verdict = judge(results.filter(Boolean));
await Promise.all(processes.map((one) => one.stop()));
await store.stop();
process.exit(verdict ? 0 : 1);

/** True for the process that the run makes deaf. */
function isDeaf(place) {
  return Boolean(process.env.DEAF) && place === 0;
}

/** Starts a process, and puts it at its place when it serves. */
async function startProcess(place) {
  const isWrong = place === count - 1;
  const child = fork(fileURLToPath(new URL('ring-app.mjs', import.meta.url)), {
    env: {
      ...process.env,
      STORE,
      URL_OF_STORE: store.url,
      NAME: `${place}`,
      PLATFORM: place % 2 ? 'fastify' : 'express',
      TIMES: [start, factor, ROTATION, LEAD, LONGEST].join(' '),
      SKEW: `${isWrong ? SKEW : 0}`,
      DEAF: isDeaf(place) ? '1' : '',
      NODE_ENV: 'production',
    },
    execArgv: isWrong ? ['--import', new URL('skew.mjs', import.meta.url).href] : [],
  });
  let isStopping = false;
  child.on('exit', (code, signal) => {
    if (isStopping) return;
    console.error(`process ${place} has ended: ${signal ?? code}`);
    process.exit(1);
  });
  const port = await new Promise((resolve) => child.on('message', (message) => hear(message, resolve)));
  processes[place] = {
    port,
    /** Requests that it has not answered yet. */
    pending: 0,
    async stop() {
      isStopping = true;
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

function hear({ type, ...detail }, ready) {
  const at = Date.now();
  if (type === 'ready') ready(detail.port);
  if (type === 'changed') facts.changed.push({ at, ...detail });
  if (type === 'ring') facts.rings.push({ at, ...detail });
  if (type === 'alarm') facts.alarms.push(detail.message);
  if (type === 'rejected') facts.rejected++;
}

/** Stops one process after the other when nobody asks it any more, and starts another one in its place. */
async function restartInTurn() {
  for (let place = isDeaf(0) ? 1 : 0; place < count && Date.now() < end - 8000; place++) {
    await sleep(4000);
    const old = processes[place];
    processes[place] = undefined;
    while (old.pending > 0) await sleep(50);
    facts.downs.push({ name: `${place}`, at: Date.now() });
    await old.stop();
    await startProcess(place);
    facts.restarts++;
  }
}

/** A user who logs in, counts in his session on any process, and logs in again when the session must end soon. */
async function useSession(user, random) {
  const agent = new Agent({ keepAlive: true });
  const tally = { requests: 0, sessions: 0, lost: [], failed: [], wrong: [] };
  let session;
  while (Date.now() < end) {
    const isNew =
      !session || fastAge(session.since) > LONGEST - 60 || fastAge(session.sent) > LONGEST / 2 - 30;
    if (isNew) session = { since: Date.now(), sent: Date.now(), count: -1, cookie: undefined };
    await visit(isNew ? 'login' : 'count');
    // Some come back just before their session would idle out: sealed by a key that has long been replaced.
    const rest = pick(random, { short: 30, idle: 1 });
    await sleep(
      rest === 'short'
        ? 60 + 200 * random()
        : Math.min(end - Date.now(), ((LONGEST / 2 - 80) * 1000) / factor),
    );
  }
  agent.destroy();
  return tally;

  async function visit(op) {
    const serving = processes.flatMap((one) => one ?? []);
    const chosen = serving[Math.floor(random() * serving.length)];
    const { port } = chosen;
    chosen.pending++;
    const began = fastAge(session.since);
    const { sent } = session;
    session.sent = Date.now();
    const { status, body, cookie, fault } = await send(agent, port, `/${op}/${user}`, session.cookie);
    chosen.pending--;
    tally.requests++;
    if (op === 'login') tally.sessions++;
    const detail = { user, op, port, status, fault, body, age: Math.round(began), at: Date.now() - start };
    if (status !== 201) tally.failed.push(detail);
    else if (body.subject !== user) {
      // a loaded machine may have slept past the idle timeout
      if (fastAge(sent) < LONGEST / 2) tally.lost.push(detail);
    } else if (body.count !== session.count + 1) tally.wrong.push({ ...detail, expected: session.count + 1 });
    if (cookie !== undefined) session.cookie = cookie;
    if (status === 201 && body.subject === user) session.count = body.count;
    else session = undefined;
  }
}

function fastAge(since) {
  return (factor * (Date.now() - since)) / 1000;
}

function send(agent, port, path, cookie) {
  const headers = cookie ? { cookie: `sid=${cookie}` } : {};
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path, agent, headers, timeout: 20_000 });
    sent.on('error', ({ code }) => resolve({ fault: code ?? 'error' }));
    sent.on('timeout', () => sent.destroy());
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('error', () => resolve({ fault: 'half' }));
      response.on('end', () => {
        const [, set] = /^sid=([^;]*)/.exec(response.headers['set-cookie']?.[0] ?? '') ?? [];
        resolve({ status: response.statusCode, body: JSON.parse(text), cookie: set });
      });
    });
    sent.end();
  });
}

/** Prints the figures, and returns whether every promise held. */
function judge(tallies) {
  const all = (name) => tallies.flatMap((tally) => tally[name]);
  const sum = (name) => tallies.reduce((total, tally) => total + tally[name], 0);
  const times = (state) => facts.changed.filter((one) => one.state === state);
  const last = lastRings();
  const lags = followingTimes();
  const twice = times('published').length - new Set(times('published').map(({ hint }) => hint)).size;
  const figures = {
    requests: sum('requests'),
    sessions: sum('sessions'),
    restarts: facts.restarts,
    'keys published': times('published').length,
    'keys promoted': times('sealing').length,
    'keys retired': times('retiring').length,
    'keys dropped': times('dropped').length,
    'slowest following (s of the fast clock)': Math.round(Math.max(...lags) / 1000),
    'processes with the same ring at the end': `${last.filter((ring) => ring === last[0]).length} of ${count}`,
    alarms: facts.alarms.length,
    'cookies refused': facts.rejected,
    'sessions lost': all('lost').length,
    'changes lost': all('wrong').length,
    'requests failed': all('failed').length,
  };
  console.table(figures);
  for (const name of ['lost', 'wrong', 'failed'])
    for (const one of all(name).slice(0, 5)) console.error(name, one);
  for (const message of facts.alarms.slice(0, 5)) console.error('alarm', message);
  const broken = [
    [all('lost').length > 0, 'a session is lost'],
    [all('wrong').length > 0, 'a change is lost'],
    [all('failed').length > 0, 'a request failed'],
    [twice > 0, 'a key was made twice'],
    [times('dropped').length === 0, 'the run was too short: no key was dropped'],
    [last.some((ring) => ring !== last[0]), 'the processes have different rings'],
    [Math.max(...lags) > 1000 * MINUTE, 'a process followed later than with its second reading'],
    [facts.alarms.length > 0, 'an alarm was raised'],
  ].filter(([is]) => is);
  if (process.env.DEAF) {
    const isSeen = all('lost').length > 0 && last[0] !== last[1];
    console.log(isSeen ? 'the deaf process was reported' : 'FAIL: nothing was seen of the deaf process');
    return isSeen;
  }
  for (const [, what] of broken) console.error(`BROKEN: ${what}`);
  console.log(broken.length ? `FAIL: seed ${SEED}` : 'every promise held');
  return !broken.length;
}

/** The ring that each process has at the end. */
function lastRings() {
  const names = Array.from({ length: count }, (_, i) => `${i}`);
  return names.map((name) => facts.rings.findLast((ring) => ring.name === name)?.hints.join());
}

/** For each published key and each process that ran then and went on: milliseconds of the fast clock until it had the key. */
function followingTimes() {
  const names = Array.from({ length: count }, (_, i) => `${i}`);
  return facts.changed
    .filter(({ state }) => state === 'published')
    .flatMap(({ at, hint }) =>
      names.flatMap((name) => {
        const seen = facts.rings.find((ring) => ring.name === name && ring.hints.includes(hint));
        const until = seen?.at ?? Infinity;
        const wasDown = facts.downs.some((down) => down.name === name && isBetween(down.at, at, until));
        return wasDown || !ranAt(name, at) ? [] : [Math.max(0, factor * (until - at))];
      }),
    );
}

/** A process runs when it has told its ring since it was last stopped. */
function ranAt(name, at) {
  const last = (events) => events.findLast((one) => one.name === name && one.at <= at)?.at ?? 0;
  return last(facts.rings) > last(facts.downs);
}

function isBetween(moment, from, to) {
  return moment >= from && moment <= to;
}
