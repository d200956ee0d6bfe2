// A campaign: the database, the proxy, the processes and the writers, and one round for each fault.
import { startApp } from './apps.mjs';
import { Client } from './client.mjs';
import { openJournal } from './journal.mjs';
import { startProxy } from './proxy.mjs';
import { seeded } from './random.mjs';
import { runRound } from './round.mjs';
import { startServer } from './server.mjs';
import { createTable, snapshot, TABLE } from './table.mjs';
import { Writer } from './writer.mjs';

const WRITERS = 4;

/** Runs the faults one after another, and looks at everything again in the end. Resolves to the journal. */
export async function runCampaign({ faults, seed, commitTimeout, unguarded = false, report = () => {} }) {
  const world = await build({ seed, commitTimeout, unguarded });
  const rounds = [];
  for (const [i, fault] of faults.entries()) {
    const began = performance.now();
    rounds.push(await runRound(world, fault, i));
    report(`${i + 1}/${faults.length} ${fault.name}: ${Math.round(performance.now() - began)} ms`);
  }
  for (const round of rounds) await round.observe('end');
  world.journal.add({ type: 'snapshot', round: 'end', when: 'end', ...(await snapshot(world.url)) });
  await world.close();
  return world.journal;
}

async function build({ seed, commitTimeout, unguarded }) {
  const journal = openJournal();
  journal.add({ type: 'campaign', seed, commitTimeout, unguarded });
  const server = await startServer();
  journal.add({ type: 'server', version: await server.version() });
  await createTable(server.url);
  const proxy = await startProxy(server.port);
  const onEnd = (what) => journal.add({ type: 'exit', what });
  const environment = { TABLE, COMMIT_TIMEOUT: commitTimeout, ...(unguarded && { UNGUARDED: '1' }) };
  const start = (PLATFORM, DATABASE_URL, more) =>
    startApp({ ...environment, PLATFORM, DATABASE_URL, ...more }, onEnd);
  const proxied = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
  const [express, fastify, observer] = await Promise.all([
    start('express', proxied, { RENEWS: '1' }),
    start('fastify', proxied, { RENEWS: '1' }),
    start('express', server.url),
  ]);
  const apps = [express, fastify];
  const world = { journal, seed, random: seeded(seed), server, proxy, apps, observer, url: server.url };
  world.client = new Client(journal, 'observer');
  world.writers = Array.from({ length: WRITERS }, (_, i) => new Writer(world, i));
  world.close = async () => {
    for (const { client } of [world, ...world.writers]) client.close();
    await Promise.all([...apps, observer].map((app) => app.stop()));
    proxy.close();
    await server.stop();
    await journal.close();
  };
  return world;
}
