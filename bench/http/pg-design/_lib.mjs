// Shared by the experiments: tables, the interleaved comparison, the printed table.
import crypto from 'node:crypto';
import { Client } from 'pg';
import { PgMeter } from '../lib/pg.mjs';
import { median } from '../lib/proc.mjs';

export const id = i => crypto.createHash('sha256').update(String(i)).digest();
const pool_ = Array.from({ length: 64 }, () => crypto.randomBytes(2000));
export const payload = (n = 300) => pool_[(Math.random() * 64) | 0].subarray(0, n);
export const rnd = n => 1 + ((Math.random() * n) | 0);
export const sleep = ms => new Promise(r => setTimeout(r, ms));
export const f = (x, d = 0) => (x == null || Number.isNaN(x) ? '-' : Number(x).toFixed(d));

/** rows sessions with ids sha256('1') … sha256('rows') and 304 bytes of payload each. expired: the part that has run out. */
export async function fill(c, table, rows, { cols = '', idType = 'bytea', idExpr = "sha256(i::text::bytea)", fillfactor = 100, unlogged = false, expIndex = true, expired = 0, partition = '' } = {}) {
  await c.query(`drop table if exists ${table} cascade`);
  await c.query(`create ${unlogged ? 'unlogged' : ''} table ${table} (id ${idType} not null, data bytea not null, version int not null default 1, expires_at timestamptz not null, touched_at timestamptz not null default now()${cols}) ${partition} with (fillfactor=${fillfactor})`);
  await c.query(`insert into ${table} (id, data, expires_at) select ${idExpr}, decode(repeat(md5(i::text),19),'hex'), now() + case when i % 100 < ${expired * 100} then -1 else 1 end * interval '1 day' * (0.01 + random()) from generate_series(1,${rows}) i`);
  await c.query(`alter table ${table} add primary key (id)`);
  if (expIndex) await c.query(`create index ${table}_exp on ${table} (expires_at)`);
  await c.query(`vacuum analyze ${table}`);
}

/** variants: { name, op(client, i), conns?, clientConfig?, setup?(client), extra?() }. Interleaved A B C A B C …; medians; ratios are paired in a round. */
export async function compare(ctx, title, variants, { conc = 8, ms = ctx.ms, rounds = ctx.rounds, note = '' } = {}) {
  const meter = await new PgMeter(ctx.url, 'bench_app').open();
  for (const v of variants) {
    v.r = [];
    const n = v.conns ?? conc;
    v.clients = await Promise.all(Array.from({ length: n }, async () => {
      const c = new Client({ connectionString: ctx.appUrl, ...v.clientConfig });
      c.on('error', () => {});
      await c.connect();
      if (v.setup) await v.setup(c);
      return c;
    }));
  }
  const slice = async (v, dur) => {
    const lat = [];
    const a = await meter.read(), u = process.cpuUsage(), t0 = performance.now(), end = t0 + dur;
    await Promise.all(Array.from({ length: conc }, async (_, w) => {
      const c = v.clients[w % v.clients.length];
      for (let s = performance.now(); s < end; s = performance.now()) { await v.op(c, w); lat.push(performance.now() - s); }
    }));
    const secs = (performance.now() - t0) / 1000, cu = process.cpuUsage(u), x = PgMeter.diff(a, await meter.read());
    lat.sort((p, q) => p - q);
    const n = lat.length;
    return { n, ops: n / secs, p50: lat[n >> 1], p99: lat[Math.floor(n * 0.99)], node: (cu.user + cu.system) / n, db: x.cpu / n, sql: x.calls / n, wal: x.wal / n };
  };
  for (const v of variants) await slice(v, ms / 2);
  for (let k = 0; k < rounds; k++) for (const v of k % 2 ? variants.toReversed() : variants) v.r.push(await slice(v, ms));
  console.log(`\n### ${title}\n${note ? '\n' + note + '\n' : ''}\n| variant | ops/s | p50 ms | p99 ms | node CPU us | db CPU us | node+db ratio (paired) | SQL | WAL B |\n|---|---|---|---|---|---|---|---|---|`);
  for (const v of variants) {
    const m = k => median(v.r.map(x => x[k]));
    const ratio = median(v.r.map((x, i) => (x.node + x.db) / (variants[0].r[i].node + variants[0].r[i].db)));
    console.log(`| ${v.name} | ${f(m('ops'))} | ${f(m('p50'), 3)} | ${f(m('p99'), 2)} | ${f(m('node'))} | ${f(m('db'))} | ${f(ratio, 2)} | ${f(m('sql'), 2)} | ${f(m('wal'))} |`);
  }
  for (const v of variants) await Promise.all(v.clients.map(c => c.end()));
  await meter.close();
  return variants;
}

export async function sizes(c, t) {
  const r = (await c.query(`select pg_table_size($1) t, pg_indexes_size($1) i, (select n_tup_upd from pg_stat_user_tables where relid=$1::regclass) upd, (select n_tup_hot_upd from pg_stat_user_tables where relid=$1::regclass) hot`, [t])).rows[0];
  return { table: Number(r.t), index: Number(r.i), upd: Number(r.upd), hot: Number(r.hot) };
}
export const mb = b => f(b / 1048576, 1);
