#!/usr/bin/env node
// RSS of each server after many requests of many sessions, in fresh processes, one at a time. See ../README.md.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { database, PgMeter } from './lib/pg.mjs';
import { connect, makeSessions } from './lib/load.mjs';
import { median, rssMb } from './lib/proc.mjs';

const { values: o } = parseArgs({ options: {
  requests: { type: 'string', default: '1000000' }, sessions: { type: 'string', default: '20000' }, conns: { type: 'string', default: '8' },
  size: { type: 'string', default: '300' }, procs: { type: 'string', default: '3' }, port: { type: 'string', default: '18500' },
  only: { type: 'string' }, json: { type: 'string' }, snapshot: { type: 'string' }, flags: { type: 'string' } } });
const DEFAULT = ['01-express-bare', '50-ours-express-cookie', '51-ours-express-pg', '02-fastify-bare', '52-ours-fastify-cookie', '53-ours-fastify-pg'];
const here = path.dirname(fileURLToPath(import.meta.url));
const names = o.only ? fs.readdirSync(path.join(here, 'servers')).filter(f => !f.startsWith('_') && o.only.split(',').some(x => f.includes(x))).map(f => f.slice(0, -4)).toSorted() : DEFAULT;
const conns = Number(o.conns), requests = Number(o.requests), sessions = Number(o.sessions);
const MB = 2 ** 20;

const db = await database();
const role = 'bench_app';
const meter = await new PgMeter(db.url, role).open();
process.on('exit', () => db.stop());
const appUrl = new URL(db.url); appUrl.username = role;
await meter.c.query(fs.readFileSync(path.join(here, 'setup.sql'), 'utf8'));
const { createTableSql } = await import('../../dist/lib/stores/typeorm/index.js');
for (const sql of createTableSql({ table: 'sess_ours' })) await meter.c.query(`set role ${role}; ${sql}; reset role`);

/** Every third request changes its session, the others read it; the sessions take turns. */
async function drive(port, jars) {
  const cs = await connect([port], conns);
  let left = requests, errors = 0;
  await Promise.all(cs.map((c, i) => new Promise(done => {
    let k = i;
    const next = () => {
      if (left-- <= 0) { c.close(); return done(); }
      c.request(left % 3 ? '/read' : '/write', jars[k], r => { if (r.status !== 200) errors++; next(); });
      k += conns; if (k >= jars.length) k = i;
    };
    next();
  })));
  if (errors) throw new Error(`${errors} errors`);
}

async function measure(name, port) {
  await meter.c.query('truncate sess_pgsimple, sess_pgsimple_nt, sess_fastify, sess_limit, sess_ours');
  const p = fork(path.join(here, 'servers', name + '.mjs'), { execArgv: ['--expose-gc', '--import', path.join(here, 'lib/memory-probe.mjs'), ...(o.flags?.split(' ') ?? [])], env: { ...process.env, NODE_ENV: 'production', PORT: String(port), BENCH_PG: String(appUrl) }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const ask = m => new Promise((ok, no) => { p.once('message', ok); p.once('exit', no); if (m) p.send(m); });
    await ask();
    const start = rssMb(p.pid);
    const jars = await makeSessions({ ports: [port], count: sessions, size });
    const made = rssMb(p.pid);
    const t0 = Date.now();
    await drive(port, jars);
    const rss = rssMb(p.pid);
    const { before, after } = await ask('memory');
    if (o.snapshot) await ask({ snapshot: `${o.snapshot}/${name}.heapsnapshot` });
    return { name, start, made, rss, rssGc: after.rss / MB, heap: after.heapUsed / MB, heapTotal: before.heapTotal / MB, external: after.external / MB, buffers: after.arrayBuffers / MB, before, after, seconds: (Date.now() - t0) / 1000 };
  } finally { p.kill(); }
}
const size = Number(o.size);
const results = {};
let port = Number(o.port);
for (let k = 0; k < Number(o.procs); k++) {
  for (const name of k % 2 ? names.toReversed() : names) {
    const r = await measure(name, ++port);
    (results[name] ??= []).push(r);
    process.stderr.write(`${name}: ${r.rss.toFixed(0)} MB, ${r.rssGc.toFixed(0)} after a collection, heap ${r.heap.toFixed(1)}, ${r.seconds.toFixed(0)} s\n`);
  }
}
const f = x => x.toFixed(1);
const bareOf = name => results[(name.includes('fastify') ? '02-fastify' : '01-express') + '-bare'];
console.log(`\n### Memory after ${requests} requests of ${sessions} sessions, MB; medians of ${o.procs} processes, Node ${process.version}\n`);
console.log('| server | at start | sessions made | RSS after all | of each process | over bare | RSS after gc | heap used after gc | external |\n|---|---|---|---|---|---|---|---|---|');
for (const name of names) {
  const m = k => median(results[name].map(r => r[k])), bare = bareOf(name);
  console.log(`| ${name} | ${f(m('start'))} | ${f(m('made'))} | ${f(m('rss'))} | ${results[name].map(r => r.rss.toFixed(0)).join(' ')} | ${bare ? f(m('rss') - median(bare.map(r => r.rss))) : '-'} | ${f(m('rssGc'))} | ${f(m('heap'))} | ${f(m('external'))} |`);
}
if (o.json) fs.writeFileSync(o.json, JSON.stringify(results));
await meter.close();
