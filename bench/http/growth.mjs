#!/usr/bin/env node
// npm run bench -- --growth [--series connections,sizes,keys,stored] [--stored 5000000]: bench/results/growth-NAME.jsonl,
// a table and a picture for each series. Versions of Node are compared by `--nodes 20,22,24` of the run itself.
import { nodeOf } from '../../test/package/node-line.mjs';
import { Batch } from './lib/batch.mjs';
import { madeWith, readOptions } from './lib/options.mjs';
import { fileOf, resultsFile } from './lib/results.mjs';
import { chosen } from './lib/roster.mjs';
import { fillStatements, SERIES } from './lib/series.mjs';
import { machine, surroundings } from './lib/surroundings.mjs';

const options = readOptions(process.argv.slice(2));
const wanted = options.series?.split(',') ?? Object.keys(SERIES);
const unknown = wanted.filter((name) => !SERIES[name]);
if (unknown.length) throw new Error(`--series ${unknown}: unknown; there are ${Object.keys(SERIES).join(', ')}`);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
/** 1 where nothing is said: a point of a curve has neighbours that confirm it. */
const processes = process.argv.some((one) => one.startsWith('--processes')) ? options.processes : 1;
const [line] = options.nodes;
const node = nodeOf(line);
for (const name of wanted) await grow(name, SERIES[name]);
process.exit();

async function grow(name, series) {
  const among = (servers) => servers.filter((server) => chosen(options.only).includes(server));
  const around = await surroundings(among(series.servers(series.values[0])));
  const head = { options: madeWith({ ...options, processes, sessions: [1000] }), versions: { ...around.versions, node: [line] }, machine: machine() };
  const add = resultsFile(fileOf(`growth-${name}`), head);
  let visitors = new Map();
  for (const value of series.values.filter((one) => name !== 'stored' || one <= options.stored)) {
    if (series.anew) visitors = new Map();
    const applied = { connections: options.conns, sessions: [1000], ...series.apply(value) };
    for (const sql of applied.rows ? fillStatements(applied.rows) : []) await around.query(sql);
    await measure(series, value, applied, visitors, { around, add, among });
  }
  add({ kind: 'end' });
  await around.close();
}

async function measure(series, value, applied, visitors, { around, add, among }) {
  const cells = series.routes.map((route) => ({ route, sessions: Math.max(...applied.sessions) }));
  for (let k = 0; k < processes; k++) {
    const record = (result) => add({ node: line, process: k, x: value, ...result });
    await new Batch(around, visitors, { ...options, ...applied, cells }, record).run(among(series.servers(value)), { node, port: options.port });
  }
  console.error(`${series.title} ${value}: done`);
}
