// What visitors do while Prometheus looks: a little of everything that a metric counts.
import { setTimeout as sleep } from 'node:timers/promises';
import { Conn, Jar } from '../../bench/http/lib/load.mjs';

/** Sends one request on a connection of its own. */
async function ask(port, path, jar = new Jar()) {
  const conn = new Conn(port);
  await conn.open();
  const { status, body } = await conn.get(`/${path}`, jar);
  conn.close();
  return { status, body };
}

const times = (n, act) => Promise.all(Array.from({ length: n }, (_, i) => act(i)));

/** Milliseconds in which Prometheus looks at least twice. */
const TWO_SCRAPES = 2500;

/** Visitors on two processes, until the time is over. Then one waits for so long that Prometheus must see it. Resolves to what they
 *  have done. */
export async function usualDay([one, other], ms) {
  const counts = { begun: 0, loggedOut: 0, revoked: 0, logins: 0, forged: 0 };
  const until = performance.now() + ms;
  while (performance.now() < until) {
    await visit(one, other, counts);
    await sleep(50);
  }
  const jar = new Jar();
  await ask(one, 'begin', jar);
  counts.begun++;
  await times(2, () => ask(one, `locked?ms=${TWO_SCRAPES}`, jar));
  return counts;
}

async function visit(one, other, counts) {
  const jar = new Jar();
  await ask(one, 'begin', jar);
  counts.begun++;
  await ask(one, `login?user=user${counts.begun}`, jar);
  counts.logins++;
  await times(4, () => ask(one, 'add', jar)); // joined
  await Promise.all([ask(one, 'slow?value=here', jar), ask(other, 'slow?value=there', jar)]); // a conflict, merged
  await times(3, () => ask(one, 'locked', jar)); // two wait
  await forge(one, counts);
  await leave(one, jar, counts);
}

async function forge(port, counts) {
  const forged = new Jar();
  forged.set(`sid=${'A'.repeat(71)}`, false);
  await ask(port, 'read', forged);
  counts.forged++;
}

async function leave(port, jar, counts) {
  if (counts.begun % 3 === 0) {
    await ask(port, 'logout', jar);
    counts.loggedOut++;
  }
  if (counts.begun % 3 !== 1) return;
  const { body: id } = await ask(port, 'id', jar);
  const late = ask(port, 'slow?value=late', jar); // the session is gone when it is stored
  await sleep(20);
  await ask(port, `revoke?id=${id}`);
  counts.revoked++;
  await late;
}

/** Reads while the database is away, and afterwards. Resolves to the statuses. */
export async function outage(port, database) {
  const jar = new Jar();
  await ask(port, 'begin', jar);
  database.kill();
  const { status: during } = await ask(port, 'read', jar);
  await sleep(TWO_SCRAPES);
  await database.restart();
  for (let attempt = 0; ; attempt++) {
    const { status } = await ask(port, 'read', jar);
    if (status === 200 || attempt === 50) return { during, after: status };
    await sleep(100);
  }
}

export const prune = (port) => ask(port, 'prune');
