#!/usr/bin/env node
// Where a server's CPU goes: node profile.mjs [52-ours-fastify-cookie …] --workloads NRW [--seconds 3] [--top 15] [--out dir]
// Without names: the four servers of Fastify with a cookie (ours, limit, secure-session, bare), side by side by area; the table goes
// to bench/results/profile.jsonl, from which report.mjs puts it into docs/benchmark.md.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { database, PgMeter } from './lib/pg.mjs';
import { run, makeSessions } from './lib/load.mjs';
import { areasOf, areaTable } from './lib/areas.mjs';
import { fileOf, resultsFile } from './lib/results.mjs';
import { machine } from './lib/surroundings.mjs';
import { madeOf } from './lib/tables.mjs';

const FOUR = { fastify: ['02-fastify-bare', '92-limit-fastify-cookie', '30-fastify-secure', '52-ours-fastify-cookie'], express: ['01-express-bare', '90-limit-express-cookie', '20-express-cookiesession', '50-ours-express-cookie'] };
const { values: o, positionals: given } = parseArgs({ allowPositionals: true, options: { workloads: { type: 'string', default: 'NRW' }, seconds: { type: 'string', default: '3' }, top: { type: 'string', default: '15' }, port: { type: 'string', default: '18590' }, size: { type: 'string', default: '300' }, out: { type: 'string' }, adapter: { type: 'string', default: 'fastify' } } });
const positionals = given.length ? given : FOUR[o.adapter];
if (!positionals) throw new Error(`--adapter ${o.adapter}: there are ${Object.keys(FOUR).join(' and ')}`);
const areas = []; // { name, workload, requests, us }
const here = path.dirname(fileURLToPath(import.meta.url));
const PATHS = { N: '/none', R: '/read', W: '/write', C: '/new?size=' + o.size };

const db = positionals.some(n => n.includes('pg')) ? await database() : null;
const children = [];
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => { for (const c of children) c.kill(); db?.stop(); });
let appUrl = '';
if (db) {
  const meter = await new PgMeter(db.url, 'bench_app').open();
  await meter.c.query(fs.readFileSync(path.join(here, 'setup.sql'), 'utf8'));
  const store = await import('../../dist/lib/stores/typeorm/index.js');
  for (const sql of store.createTableSql({ table: 'sess_ours' })) await meter.c.query(`set role bench_app; ${sql}; reset role`);
  await meter.close();
  appUrl = Object.assign(new URL(db.url), { username: 'bench_app' }).href;
}

/** Which part of the request's way a function belongs to. */
function layerOf({ functionName: name, url }) {
  if (!url) return name.startsWith('(') ? name : 'native';
  const lib = /\/dist\/lib\/(.+?)(?:\/|$)/.exec(url);
  if (lib) return 'ours ' + (lib[1].endsWith('.js') ? '(Nest floor)' : lib[1] + '/');
  const dep = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (dep) return dep[1];
  const node = /^node:(?:internal\/)?([^/]+)/.exec(url);
  return node ? 'node:' + node[1] : 'bench';
}

function report(title, { nodes, samples, timeDeltas }, requests) {
  const byId = new Map(nodes.map(n => [n.id, n.callFrame]));
  const functions = new Map(), layers = new Map();
  let busy = 0;
  const add = (map, key, us) => map.set(key, (map.get(key) ?? 0) + us);
  samples.forEach((id, i) => {
    const frame = byId.get(id), us = timeDeltas[i];
    if (frame.functionName === '(idle)') return;
    busy += us;
    const where = frame.url ? `${frame.url.replace(/.*\/(dist\/lib|node_modules)\//, '$1/')}:${frame.lineNumber + 1}` : '';
    add(functions, `${frame.functionName || '(anonymous)'} ${where}`, us); add(layers, layerOf(frame), us);
  });
  const print = (map, n) => { for (const [k, us] of [...map].toSorted((a, b) => b[1] - a[1]).slice(0, n)) console.log(`| ${(us / requests).toFixed(1)} | ${((us * 100) / busy).toFixed(1)} | ${k} |`); };
  console.log(`\n### ${title}: ${(busy / requests).toFixed(0)} us a request, ${requests} requests\n\n| us/req | % | layer |\n|---|---|---|`);
  print(layers, 14);
  console.log('\n| us/req | % | function |\n|---|---|---|');
  print(functions, Number(o.top));
}

let port = Number(o.port);
for (const name of positionals) {
  const p = fork(path.join(here, 'servers', name + '.mjs'), { execArgv: ['--import', pathToFileURL(path.join(here, 'lib/profiled.mjs')).href], env: { ...process.env, NODE_ENV: 'production', PORT: String(++port), BENCH_PG: appUrl }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(p);
  const answer = key => new Promise((ok, no) => { p.on('message', function on(m) { if (m[key]) { p.off('message', on); ok(m[key]); } }); p.once('exit', () => no(new Error(name + ' ended'))); });
  await answer('ready');
  const jars = await makeSessions({ ports: [port], count: 200, size: Number(o.size) });
  const jarsOf = i => jars.slice(i * 25, i * 25 + 25);
  for (const w of o.workloads) {
    const load = ms => run({ ports: [port], path: PATHS[w], ms, jarsOf: w === 'C' ? () => null : jarsOf });
    await load(1500);
    const started = answer('started'); p.send('start'); await started;
    const { n } = await load(1000 * Number(o.seconds));
    const done = answer('profile'); p.send('stop');
    const profile = await done;
    if (o.out) fs.writeFileSync(path.join(o.out, `${name}-${w}.cpuprofile`), JSON.stringify(profile));
    report(`${name} ${w}`, profile, n);
    areas.push({ name, workload: w, areas: areasOf(profile, n) });
  }
  p.kill();
}
if (!given.length) {
  const options = { workloads: o.workloads, seconds: Number(o.seconds), sessions: 200, size: Number(o.size) };
  const head = { options, versions: { node: [process.versions.node] }, machine: machine() };
  const markdown = [`Made with ${madeOf(head)} Microseconds of a request as the sampler of V8 sees them, which itself costs some.`, ...[...o.workloads].map(w => areaTable(w, areas.filter(one => one.workload === w)))].join('\n\n');
  resultsFile(fileOf('profile'), head)({ kind: 'profile', markdown });
  console.log('\n' + markdown);
}
process.exit();
