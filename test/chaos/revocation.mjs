#!/usr/bin/env node
// How long a session opens in another process after its end, by the clocks of this machine: two processes on one store, sessions in it or in
// cookies with their revocations in it. A copy of the cookie is tried in both until both refuse it.
//
//   node test/chaos/revocation.mjs                 PostgreSQL
//   STORE=redis node test/chaos/revocation.mjs     Redis
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStore } from './ring-store.mjs';

const { STORE = 'postgres' } = process.env;
/** Milliseconds that the other process may accept what has ended, by where the sessions are, and what a try takes. */
const LIMITS = { store: 0, cookie: 30_000 };
const A_TRY = 250;
/** Milliseconds between the moment when the other process reads the revocations, and the end of the session. */
const MOMENTS = [0, 8_000, 16_000];
const ENDS = ['logout', 'revoke'];

const store = await startStore(STORE);
const rows = (await Promise.all(Object.keys(LIMITS).map(measure))).flat();
console.table(rows);
const broken = rows.filter(({ here, there, place }) => here > 0 || there > LIMITS[place] + A_TRY);
for (const row of broken) console.error('BROKEN: opened too long', row);
console.log(broken.length ? 'FAIL' : 'every limit held');
await store.stop();
process.exit(broken.length ? 1 : 0);

async function measure(place) {
  const processes = await Promise.all(['express', 'fastify'].map((platform) => start(place, platform)));
  const tries = ENDS.flatMap((end) => MOMENTS.map((moment) => ({ end, moment })));
  const found = await Promise.all(tries.map((one, i) => follow(place, processes, `user-${i}`, one)));
  for (const { child } of processes) child.disconnect();
  return found;
}

/** One session: seconds after its end until it is refused here, where it has ended, and there. */
async function follow(place, [here, there], user, { end, moment }) {
  const { cookie } = await send(here, 'POST', `login/${user}`);
  for (const one of [here, there]) await opens(one, user, cookie, true);
  await sleep(moment);
  await send(here, 'POST', `${end}/${user}`, cookie);
  const ended = performance.now();
  const times = await Promise.all([here, there].map((one) => untilRefused(one, user, cookie, ended)));
  const [atHere, atThere] = times;
  return {
    store: STORE,
    place,
    end,
    'read before (s)': moment / 1000,
    here: atHere,
    there: atThere,
    'there (s)': round(atThere),
  };
}

/** Milliseconds from the end until the last time that the session has opened; 0 if it never did. */
async function untilRefused(one, user, cookie, ended) {
  for (let last = 0; ; last = performance.now() - ended) {
    if (!(await opens(one, user, cookie))) return Math.round(last);
    await sleep(A_TRY / 2);
  }
}

async function opens(one, user, cookie, must = false) {
  const { body } = await send(one, 'GET', `subject/${user}`, cookie);
  const isOpen = JSON.parse(body).subject === user;
  if (must && !isOpen) throw new Error('the session does not open before its end');
  return isOpen;
}

async function send({ port }, method, path, cookie) {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method,
    headers: cookie ? { cookie } : {},
  });
  if (!response.ok) throw new Error(`${path} has answered ${response.status}`);
  const [set] = (response.headers.getSetCookie()[0] ?? '').split(';');
  return { body: await response.text(), cookie: set };
}

async function start(place, platform) {
  const child = fork(fileURLToPath(new URL('revocation-app.mjs', import.meta.url)), {
    env: {
      ...process.env,
      STORE,
      PLACE: place,
      URL_OF_STORE: store.url,
      PLATFORM: platform,
      NODE_ENV: 'production',
    },
    execArgv: [],
  });
  const [{ port }] = await once(child, 'message');
  return { child, port };
}

function round(milliseconds) {
  return Number((milliseconds / 1000).toFixed(1));
}
