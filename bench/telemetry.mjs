#!/usr/bin/env node
// What ./telemetry costs: the CPU of a request with it, over that without it, paired in each round. Three processes of one server run
// side by side, two of them without; how they differ is the noise.
//   npm run bench:telemetry [-- --rounds 15] [--ms 700] [--store cookie,pg] [--mode metrics,unsampled,sampled] [--gate 0.03]
import { parseArgs } from 'node:util';
import { ServerProcess } from './http/lib/server-process.mjs';
import { slice, Visitors } from './http/lib/slice.mjs';
import { median } from './http/lib/statistics.mjs';
import { machine, surroundings } from './http/lib/surroundings.mjs';

const { values: o } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    ms: { type: 'string', default: '700' },
    store: { type: 'string', default: 'cookie,pg' },
    mode: { type: 'string', default: 'metrics,unsampled,sampled' },
    port: { type: 'string', default: '18700' },
    gate: { type: 'string' },
  },
});
const STORES = {
  cookie: { name: '70-telemetry-fastify-cookie', store: 'cookie' },
  pg: { name: '71-telemetry-fastify-pg', store: 'postgres' },
};
/** What the third process adds, and the share of requests that is recorded in all three. `none` shows the error of the method. */
const MODES = { none: ['off', 0], metrics: ['metrics', 0], unsampled: ['both', 0], sampled: ['both', 1] };
const ROUTES = ['R', 'W'];
const CELL = { size: 300, sessions: 400, connections: 8 };
/** Requests before the first measurement of a route. */
const WARM = 12_000;
const NO_METER = async () => async () => ({ cpu: 0, sql: 0, wal: 0 });

async function measure(server, mode, around, port) {
  const [added, sampled] = MODES[mode];
  const start = async (telemetry, i) => {
    const env = { ...around.env, BENCH_TELEMETRY: telemetry, BENCH_SAMPLED: String(sampled) };
    const one = new ServerProcess(server, { node: process.execPath, port: port + i, env });
    await one.ready();
    return { one, visitors: await Visitors.make(one, { count: CELL.sessions, size: CELL.size }) };
  };
  const all = [];
  for (const [i, telemetry] of ['off', 'off', added].entries()) all.push(await start(telemetry, i));
  // By requests and not by time: a busy machine compiles late.
  const warm = async ({ one, visitors }, route) => {
    for (let n = 0; n < WARM;) n += (await slice(one, visitors, NO_METER, { ...CELL, route, ms: 1000 })).n;
  };
  const cpu = async ({ one, visitors }, route, ms) =>
    (await slice(one, visitors, NO_METER, { ...CELL, route, ms })).cpu;
  for (const route of ROUTES) for (const each of all) await warm(each, route);
  const rows = [];
  for (const route of ROUTES)
    rows.push({ route, rounds: await rounds(all, (each) => cpu(each, route, Number(o.ms))) });
  await Promise.all(all.map(({ one }) => one.stop()));
  return rows;
}

/** Every round has another order, so that none of the three is always first. */
async function rounds(all, cpu) {
  const done = [];
  for (let round = 0; round < Number(o.rounds); round++) {
    const figures = [];
    for (let i = 0; i < all.length; i++) {
      const k = (i + round) % all.length;
      figures[k] = await cpu(all[k]);
    }
    done.push(figures);
  }
  return done;
}

const percent = (ratio) => `${((ratio - 1) * 100).toFixed(1)} %`;
const servers = o.store.split(',').map((name) => STORES[name]);
const around = await surroundings(servers);
const { processor, cores, load } = machine();
console.log(`${cores} x ${processor}, Node ${process.version}, load ${load[0]}\n`);
console.log(
  '| store | telemetry | route | µs of CPU without | with it, paired | with it, best rounds | noise of two without |\n|---|---|---|---|---|---|---|',
);
let worst = 1;
let port = Number(o.port);
for (const server of servers)
  for (const mode of o.mode.split(',')) {
    for (const { route, rounds } of await measure(server, mode, around, (port += 3))) {
      const cost = median(rounds.map(([one, other, on]) => (2 * on) / (one + other)));
      const noise = median(rounds.map(([one, other]) => Math.max(one, other) / Math.min(one, other)));
      const least = (figures) => Math.min(...figures);
      const best =
        least(rounds.map(([, , on]) => on)) / least(rounds.flatMap(([one, other]) => [one, other]));
      const bare = median(rounds.flatMap(([one, other]) => [one, other]));
      if (mode !== 'sampled') worst = Math.max(worst, cost);
      console.log(
        `| ${server.store} | ${mode} | ${route === 'R' ? 'read' : 'change'} | ${bare.toFixed(0)} | ${percent(cost)} | ${percent(best)} | ${percent(noise)} |`,
      );
    }
  }
await around.close();
if (o.gate && worst > 1 + Number(o.gate)) {
  console.error(
    `telemetry costs ${percent(worst)} of CPU; at most ${percent(1 + Number(o.gate))} is allowed`,
  );
  process.exitCode = 1;
}
