// Reads beside a prune: p99 with and without it, in turn, on one table of which a third has run out (PRUNE_ROWS), or in as many
// partitions as PRUNE_PARTITIONS says.
import crypto from 'node:crypto';
import { Client } from 'pg';
import { f, rnd } from './_lib.mjs';
import { median } from '../lib/proc.mjs';
import { createTableSql } from '../../../dist/lib/stores/pg/index.js';
import { statements } from '../../../dist/lib/stores/sql/statements.js';
import { pruneBatches } from '../../../dist/lib/stores/prune-batches.js';
export default async function (ctx) {
  const rows = Number(process.env.PRUNE_ROWS ?? (ctx.short ? 100_000 : 1_000_000));
  const options = { table: 'd17', partitions: process.env.PRUNE_PARTITIONS && Number(process.env.PRUNE_PARTITIONS) };
  await ctx.c.query(`drop table if exists d17; ${createTableSql(options).join('; ')}`);
  await ctx.c.query(`insert into d17 select sha256(i::text::bytea), decode(repeat(md5(i::text), 24), 'hex'), null, now(), now(), now() + case when i % 3 = 0 then -1 else 1 end * interval '1 hour', 1, 0 from generate_series(1, ${rows}) i`);
  await ctx.c.query('analyze d17');
  const { load, prune: whole, pruneDivided } = statements({ table: 'd17' });
  const prune = options.partitions ? pruneDivided : whole;
  const clients = await Promise.all(Array.from({ length: 5 }, async () => { const c = new Client(ctx.appUrl); await c.connect(); return c; }));
  const [pruner, ...readers] = clients;
  const size = Number(process.env.PRUNE_BATCH ?? 1000);
  let batches = 0;
  /** Prunes as the store does until `stopped()`. */
  const pruneUntil = stopped => pruneBatches(size, async () => {
    if (stopped()) return 0;
    batches++;
    return Number((await pruner.query({ name: 'p', text: prune.text, values: [size, Date.now() + 60_000] })).rows[0].count);
  });
  const key = () => { let i = rnd(rows); if (i % 3 === 0) i++; return crypto.createHash('sha256').update(String(i)).digest(); };
  const slice = async () => {
    const lat = [], end = performance.now() + 2 * ctx.ms;
    await Promise.all(readers.map(async c => { for (let s = performance.now(); s < end; s = performance.now()) { await c.query({ name: 'l', text: load.text, values: [key()] }); lat.push(performance.now() - s); await new Promise(ok => setTimeout(ok, 2)); } }));
    lat.sort((a, b) => a - b);
    return { n: lat.length, p50: lat[lat.length >> 1], p99: lat[Math.floor(lat.length * 0.99)] };
  };
  await slice();
  const pairs = [];
  for (let k = 0; k < 2 * ctx.rounds; k++) {
    const alone = await slice();
    let stopped = false;
    const pruning = pruneUntil(() => stopped);
    const beside = await slice();
    stopped = true;
    await pruning;
    pairs.push({ alone, beside });
  }
  const m = g => median(pairs.map(g));
  console.log(`\n${rows} rows, batches of ${size}: ${pairs.length} pairs of slices, ${batches} batches meanwhile\n\n| | p50 ms | p99 ms | reads in a slice |\n|---|---|---|---|`);
  for (const w of ['alone', 'beside']) console.log(`| ${w === 'alone' ? 'reads alone' : 'reads beside a prune'} | ${f(m(p => p[w].p50), 2)} | ${f(m(p => p[w].p99), 2)} | ${f(m(p => p[w].n))} |`);
  console.log(`| ratio, paired | ${f(m(p => p.beside.p50 / p.alone.p50), 2)} | ${f(m(p => p.beside.p99 / p.alone.p99), 2)} | |`);
  await Promise.all(clients.map(c => c.end()));
  await ctx.c.query('drop table d17');
}
