// A campaign: the place of the sessions, the processes and the writers, and one round for each fault.
import { startApp } from './apps.mjs';
import { Client } from './client.mjs';
import { openJournal } from './journal.mjs';
import { oneServer } from './places.mjs';
import { seeded } from './random.mjs';
import { runRound } from './round.mjs';
import { Writer } from './writer.mjs';

const WRITERS = 4;

/** Runs the faults one after another, and looks at everything again in the end. Resolves to the journal. `mutant` is the name
 *  of a store that breaks its promises. `place` starts what keeps the sessions and what is before it. */
export async function runCampaign({
  faults,
  seed,
  commitTimeout,
  mutant,
  place = oneServer,
  report = () => {},
}) {
  const world = await build({ seed, commitTimeout, mutant, place });
  const rounds = [];
  for (const [i, fault] of faults.entries()) {
    const began = performance.now();
    rounds.push(await runRound(world, fault, i));
    report(`${i + 1}/${faults.length} ${fault.name}: ${Math.round(performance.now() - began)} ms`);
    await fault.restore?.(world);
  }
  for (const round of rounds) await round.observe('end');
  world.journal.add({ type: 'snapshot', round: 'end', when: 'end', ...(await world.snapshot()) });
  await world.close();
  return world.journal;
}

async function build({ seed, commitTimeout, mutant, place }) {
  const journal = openJournal();
  journal.add({ type: 'campaign', seed, commitTimeout, mutant });
  const { server, proxy, environments, observing, snapshot, close } = await place();
  journal.add({ type: 'server', version: await server.version() });
  const onEnd = (what) => journal.add({ type: 'exit', what });
  const environment = { COMMIT_TIMEOUT: commitTimeout, ...(mutant && { MUTANT: mutant }) };
  const start = (PLATFORM, more) => startApp({ ...environment, PLATFORM, ...more }, onEnd);
  const [express, fastify, observer] = await Promise.all([
    start('express', { ...environments[0], RENEWS: '1' }),
    start('fastify', { ...environments[1], RENEWS: '1' }),
    start('express', observing),
  ]);
  const apps = [express, fastify];
  const world = { journal, seed, random: seeded(seed), server, proxy, apps, observer, snapshot };
  world.client = new Client(journal, 'observer');
  world.writers = Array.from({ length: WRITERS }, (_, i) => new Writer(world, i));
  world.close = async () => {
    for (const { client } of [world, ...world.writers]) client.close();
    await Promise.all([...apps, observer].map((app) => app.stop()));
    await close();
    await journal.close();
  };
  return world;
}
