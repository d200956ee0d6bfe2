#!/usr/bin/env node
// Runs every server file against every workload, interleaved, and prints medians. See ../README.md.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { database, PgMeter } from './lib/pg.mjs';
import { run, makeSessions, parallelAdds } from './lib/load.mjs';
import { cpuUs, rssMb, median } from './lib/proc.mjs';
import { gate, gateNames, printGate } from './lib/gate.mjs';
import { BUSY } from './lib/server-process.mjs';

const { values: o } = parseArgs({ options: {
  short: { type: 'boolean' }, rounds: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' },
  workloads: { type: 'string', default: 'NRWCP' }, conns: { type: 'string', default: '8' }, size: { type: 'string', default: '300' },
  sessions: { type: 'string', default: '200' }, procs: { type: 'string', default: '1' }, port: { type: 'string', default: '18500' },
  json: { type: 'string' }, gate: { type: 'string' }, prows: { type: 'string' }, idle: { type: 'boolean' } } });
// Short slices, many rounds: a burst of somebody else's work then spoils one slice, not a figure.
const rounds = Number(o.rounds ?? (o.short ? 2 : 9));
const ms = 1000 * Number(o.seconds ?? (o.short ? 0.5 : 0.8));
const conns = Number(o.conns), size = Number(o.size), procs = Number(o.procs);
const here = path.dirname(fileURLToPath(import.meta.url));
let names = fs.readdirSync(path.join(here, 'servers')).filter(f => f.endsWith('.mjs') && !f.startsWith('_')).map(f => f.slice(0, -4)).toSorted();
if (o.gate) names = gateNames(names);
if (o.only) { const w = o.only.split(','); names = names.filter(n => w.some(x => n.includes(x))); }

const db = await database();
const role = 'bench_app';
const meter = await new PgMeter(db.url, role).open();
const servers = [];
let stopped = false;
const stopAll = () => { if (stopped) return; stopped = true; for (const s of servers) for (const p of s.procs) p.kill(); db.stop(); };
process.on('SIGINT', () => process.exit(130));
process.on('exit', stopAll); // also after an error: no server and no database is left behind
await meter.c.query(fs.readFileSync(path.join(here, 'setup.sql'), 'utf8'));
const appUrl = new URL(db.url); appUrl.username = role;
if (names.some(n => /ours-.*-pg/.test(n))) await makeOurTable();

/** Our table as the package itself makes it; without a build our servers will say why they do not start. */
async function makeOurTable() {
  const store = await import('../../dist/lib/stores/typeorm/index.js').catch(() => null);
  for (const sql of store?.createTableSql({ table: 'sess_ours' }) ?? []) await meter.c.query(`set role ${role}; ${sql}; reset role`);
}

let port = Number(o.port);
for (const name of names) {
  const ps = [], ports = [];
  let ok = true;
  for (let i = 0; i < procs; i++) {
    const p = fork(path.join(here, 'servers', name + '.mjs'), { execArgv: BUSY, env: { ...process.env, NODE_ENV: 'production', PORT: String(++port), BENCH_PG: String(appUrl) }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let err = ''; p.stderr.on('data', d => { err = (err + d).slice(0, 4000); });
    const up = await new Promise(r => { p.once('message', () => r(true)); p.once('exit', () => r(false)); setTimeout(() => r(false), 15000).unref(); });
    if (!up) { console.error(`${name}: did not start: ${err.trim().split('\n').find(l => /Error\b.*:/.test(l)) ?? err.trim()}`); ok = false; p.kill(); }
    ps.push(p); ports.push(port);
  }
  if (ok) servers.push({ name, procs: ps, ports, r: {} }); else for (const p of ps) p.kill();
}
const isBase = n => /bare|node-http/.test(n);
const digits = b => /^\d+$/.test(b);
const W = {
  N: { path: '/none' }, R: { path: '/read', jars: true, check: digits }, W: { path: '/write', jars: true, check: digits }, C: { path: '/new?size=' + size },
};
async function one(s, w, dur) {
  const d = W[w];
  const per = Math.max(1, Math.floor(s.jars.length / conns));
  const jarsOf = d.jars || w === 'N' ? i => s.jars.slice(i * per, i * per + per) : undefined;
  const cpu = () => s.procs.reduce((a, p) => a + cpuUs(p.pid), 0);
  const a = await meter.read(), c0 = cpu(), u0 = process.cpuUsage();
  const r = await run({ ports: s.ports, path: d.path, conns, ms: dur, jarsOf: jarsOf ?? (() => null), check: isBase(s.name) ? undefined : d.check, busy: !o.idle });
  const c1 = cpu(), u1 = process.cpuUsage(u0);
  const x = PgMeter.diff(a, await meter.read());
  return { ...r, cpu: (c1 - c0) / r.n, client: (u1.user + u1.system) / r.n, dbCpu: x.cpu / r.n, sql: x.calls / r.n, wal: x.wal / r.n, rss: s.procs.reduce((q, p) => q + rssMb(p.pid), 0) };
}
for (const s of servers) {
  s.rssIdle = s.procs.reduce((q, p) => q + rssMb(p.pid), 0);
  s.jars = await makeSessions({ ports: s.ports, count: Number(o.sessions), size });
  for (const w of ['N', 'R', 'W', 'C']) if (o.workloads.includes(w)) for (let n = 0, t = Date.now(); n < (o.short ? 1500 : 4000) && Date.now() - t < (o.short ? 1000 : 4000);) n += (await one(s, w, 300)).n; // warm-up by count, so slow servers are compiled as well as fast ones
}
for (let k = 0; k < rounds; k++) {
  for (const w of o.workloads) {
    for (const s of k % 2 ? servers.toReversed() : servers) {
      const r = w === 'P' ? (isBase(s.name) ? null : await parallelAdds({ ports: s.ports, size, rounds: Number(o.prows ?? (o.short ? 5 : 10)) })) : await one(s, w, ms);
      if (r) (s.r[w] ??= []).push(r);
    }
    await meter.c.query('select pg_stat_statements_reset()');
  }
  process.stderr.write(`round ${k + 1}/${rounds} done\n`);
}
const names_ = { N: 'N: no session touched (the cookie is sent all the same)', R: 'R: read one value of an existing session', W: 'W: change one value', C: 'C: new visitor, session made', P: 'P: 20 requests of one session at once, each adds a key' };
const f = (x, d = 0) => x == null || Number.isNaN(x) ? '-' : x.toFixed(d);
const out = {};
for (const w of o.workloads) {
  console.log(`\n### ${names_[w]}\n`);
  if (w === 'P') {
    console.log('| server | lost of 20 (mean) | failed | ms for all 20 (median) |\n|---|---|---|---|');
    for (const s of servers) if (s.r.P) console.log(`| ${s.name} | ${f(s.r.P.reduce((a, x) => a + x.lost, 0) / s.r.P.length, 1)} | ${f(s.r.P.reduce((a, x) => a + x.failed, 0) / s.r.P.length, 1)} | ${f(median(s.r.P.map(x => x.ms)), 1)} |`);
  } else {
    console.log('| server | req/s | p50 ms | p99 ms | CPU us/req median | CPU best | session CPU best less bare best | CPU ratio to bare (paired) | db CPU us/req | SQL/req | WAL B/req | Set-Cookie B | Cookie B | RSS MB | wrong | errors |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|');
    for (const s of servers) {
      const m = k => median(s.r[w].map(x => x[k]));
      const bare = servers.find(b => b.name.includes((s.name.includes('fastify') ? 'fastify' : 'express') + '-bare'));
      const best = r => Math.min(...r[w].map(x => x.cpu));
      const net = bare && !isBase(s.name) ? best(s.r) - best(bare.r) : NaN;
      const ratio = bare ? median(s.r[w].map((x, i) => x.cpu / bare.r[w][i].cpu)) : NaN;
      console.log(`| ${s.name} | ${f(m('rps'))} | ${f(m('p50'), 2)} | ${f(m('p99'), 2)} | ${f(m('cpu'))} | ${f(best(s.r))} | ${f(net)} | ${f(ratio, 2)} | ${f(m('dbCpu'))} | ${f(m('sql'), 2)} | ${f(m('wal'))} | ${f(m('setCookie'))} | ${f(m('cookie'))} | ${f(m('rss'))} | ${s.r[w].reduce((a, x) => a + x.bad, 0)} | ${s.r[w].reduce((a, x) => a + x.errors, 0)} |`);
    }
  }
}
for (const s of servers) out[s.name] = s.r;
if (o.json) fs.writeFileSync(o.json, JSON.stringify(out));
if (o.gate) {
  const rows = gate(servers, Number(o.gate));
  printGate(rows, Number(o.gate));
  if (rows.some(r => r.faults.length)) process.exitCode = 1;
}
await meter.close();
stopAll();
