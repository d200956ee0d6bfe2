import { Pool } from 'pg';
import { compare, fill, id, payload, rnd, sleep, f } from './_lib.mjs';
import { median } from '../lib/proc.mjs';
export default async function (ctx) {
  const N = ctx.rows;
  await fill(ctx.c, 'd07', N, { fillfactor: 70, expIndex: false });
  const q = (c, name, text, ...values) => c.query({ name, text, values });
  const S = 'select data, version from d07 where id=$1', U = 'update d07 set data=$2, version=version+1 where id=$1';
  await compare(ctx, 'Load + save without a conflict, 4 clients: what each guard costs', [
    { name: 'last write wins: SELECT, UPDATE', op: async c => { const k = id(rnd(N)); await q(c, 's', S, k); await q(c, 'u', U, k, payload()); } },
    { name: 'version: SELECT, UPDATE … WHERE version=$3', op: async c => { const k = id(rnd(N)); const r = await q(c, 's', S, k); await q(c, 'uv', U + ' and version=$3', k, payload(), r.rows[0].version); } },
    { name: 'FOR UPDATE: BEGIN, SELECT, UPDATE, COMMIT', op: async c => { const k = id(rnd(N)); await c.query('begin'); await q(c, 'sf', S + ' for update', k); await q(c, 'u', U, k, payload()); await c.query('commit'); } },
    { name: 'advisory: BEGIN, lock, SELECT, UPDATE, COMMIT', op: async c => { const k = id(rnd(N)); await c.query('begin'); await q(c, 'l', 'select pg_advisory_xact_lock($1)', k.readBigInt64BE(0).toString()); await q(c, 's', S, k); await q(c, 'u', U, k, payload()); await c.query('commit'); } },
    { name: 'session advisory: lock, SELECT, UPDATE, unlock', op: async c => { const k = id(rnd(N)), n = k.readBigInt64BE(0).toString(); await q(c, 'sl', 'select pg_advisory_lock($1)', n); await q(c, 's', S, k); await q(c, 'u', U, k, payload()); await q(c, 'su', 'select pg_advisory_unlock($1)', n); } },
  ], { conc: 4 });

  // 20 requests of one session at once; the "handler" takes 5 ms between load and save and adds its own key.
  await ctx.c.query('drop table if exists d07p; create table d07p (id bytea primary key, data text not null, j jsonb not null, version int not null)');
  await ctx.c.query("drop table if exists d07k; create table d07k (id bytea, k text, v text, primary key (id,k))");
  const enc = o => JSON.stringify(o), dec = s => JSON.parse(s);
  const key = id('p');
  const once = pool => (t, ...v) => pool.query({ name: t.slice(0, 60), text: t, values: v });
  const chains = new Map();
  const mutex = (k, fn) => { const p = (chains.get(k) ?? Promise.resolve()).then(fn); chains.set(k, p.catch(() => {})); return p; };
  const versioned = async (pool, k, st) => {
    const Q = once(pool);
    let r = (await Q('select data, version from d07p where id=$1', key)).rows[0];
    await sleep(5);
    for (;;) {
      const o = dec(r.data); o[k] = 1; // only the changed key is put on the newer state; the handler is not run again
      st.sql++;
      const w = await Q('update d07p set data=$2, version=version+1 where id=$1 and version=$3', key, enc(o), r.version);
      if (w.rowCount) return;
      st.retries++; st.sql++;
      r = (await Q('select data, version from d07p where id=$1', key)).rows[0];
    }
  };
  const V = {
    'last write wins': async (pool, k) => { const Q = once(pool); const r = (await Q('select data from d07p where id=$1', key)).rows[0]; await sleep(5); const o = dec(r.data); o[k] = 1; await Q('update d07p set data=$2 where id=$1', key, enc(o)); },
    'version, on conflict reload and put the changed keys again': versioned,
    'the same, and saves of one session queue in the process': async (pool, k, st) => {
      const Q = once(pool);
      let r = (await Q('select data, version from d07p where id=$1', key)).rows[0];
      await sleep(5);
      await mutex('p', async () => {
        r = chains.last ?? r; // what this process wrote last
        for (;;) { const o = dec(r.data); o[k] = 1; const d = enc(o); const w = await Q('update d07p set data=$2, version=version+1 where id=$1 and version=$3', key, d, r.version); if (w.rowCount) { chains.last = { data: d, version: r.version + 1 }; return; } st.retries++; r = (await Q('select data, version from d07p where id=$1', key)).rows[0]; }
      });
    },
    'the same, joined: one UPDATE for all waiting saves': async (pool, k, st) => {
      const Q = once(pool);
      const r0 = (await Q('select data, version from d07p where id=$1', key)).rows[0];
      await sleep(5);
      st.wait ??= []; const mine = new Promise((ok, no) => st.wait.push({ k, ok, no }));
      if (!st.busy) { st.busy = true; (async () => { let r = chains.last2 ?? r0; await Promise.resolve(); while (st.wait.length) { const b = st.wait; st.wait = []; for (;;) { const o = dec(r.data); for (const x of b) o[x.k] = 1; const d = enc(o); const w = await Q('update d07p set data=$2, version=version+1 where id=$1 and version=$3', key, d, r.version); if (w.rowCount) { r = { data: d, version: r.version + 1 }; chains.last2 = r; break; } st.retries++; r = (await Q('select data, version from d07p where id=$1', key)).rows[0]; } b.forEach(x => x.ok()); } st.busy = false; })(); }
      await mine;
    },
    'SELECT FOR UPDATE, held over the handler': async (pool, k) => { const c = await pool.connect(); try { await c.query('begin'); const r = (await c.query('select data from d07p where id=$1 for update', [key])).rows[0]; await sleep(5); const o = dec(r.data); o[k] = 1; await c.query('update d07p set data=$2 where id=$1', [key, enc(o)]); await c.query('commit'); } finally { c.release(); } },
    'advisory lock, held over the handler': async (pool, k) => { const c = await pool.connect(); try { await c.query('begin'); await c.query('select pg_advisory_xact_lock($1)', [42]); const r = (await c.query('select data from d07p where id=$1', [key])).rows[0]; await sleep(5); const o = dec(r.data); o[k] = 1; await c.query('update d07p set data=$2 where id=$1', [key, enc(o)]); await c.query('commit'); } finally { c.release(); } },
    'FOR UPDATE only around the save (load again, put the keys, save)': async (pool, k) => { const Q = once(pool); await Q('select data from d07p where id=$1', key); await sleep(5); const c = await pool.connect(); try { await c.query('begin'); const r = (await c.query('select data from d07p where id=$1 for update', [key])).rows[0]; const o = dec(r.data); o[k] = 1; await c.query('update d07p set data=$2 where id=$1', [key, enc(o)]); await c.query('commit'); } finally { c.release(); } },
    'jsonb merge in the database (not encrypted)': async (pool, k) => { const Q = once(pool); await Q('select j from d07p where id=$1', key); await sleep(5); await Q('update d07p set j=j||$2 where id=$1', key, JSON.stringify({ [k]: 1 })); },
    'one row per key (upsert of own key)': async (pool, k) => { const Q = once(pool); await Q('select k,v from d07k where id=$1', key); await sleep(5); await Q('insert into d07k values ($1,$2,$3) on conflict (id,k) do update set v=excluded.v', key, k, '1'); },
  };
  const rounds = ctx.short ? 10 : 40;
  console.log('\n### 20 parallel requests of one session, 5 ms of handler each, pool of 8\n\n| guard | lost of 20 (mean) | retries per request | ms for all 20 (median) | another session’s read meanwhile, p99 ms |\n|---|---|---|---|---|');
  const res = Object.fromEntries(Object.keys(V).map(k => [k, { lost: 0, ms: [], other: [], retries: 0 }]));
  const pool = new Pool({ connectionString: ctx.appUrl, max: 8 });
  await fill(ctx.c, 'd07o', 1000, {});
  for (let r = 0; r < rounds; r++) for (const [name, fn] of Object.entries(V)) {
    const st = { sql: 0, retries: 0 };
    chains.clear(); chains.last = chains.last2 = undefined;
    await ctx.c.query("delete from d07p; delete from d07k"); await ctx.c.query("insert into d07p values ($1,'{}','{}',1)", [key]);
    let going = true;
    // oxlint-disable-next-line no-unmodified-loop-condition -- set to false below, when the 20 are done
    const other = (async () => { while (going) { await sleep(4); const t = performance.now(); await pool.query({ name: 'o', text: 'select data from d07o where id=$1', values: [id(rnd(1000))] }); res[name].other.push(performance.now() - t); } })();
    const t = performance.now();
    await Promise.all(Array.from({ length: 20 }, (_, i) => fn(pool, 'k' + i, st)));
    res[name].ms.push(performance.now() - t);
    going = false; await other;
    const row = (await ctx.c.query('select data, j from d07p where id=$1', [key])).rows[0];
    const got = name.startsWith('jsonb') ? Object.keys(row.j).length : name.startsWith('one row') ? (await ctx.c.query('select 1 from d07k')).rowCount : Object.keys(dec(row.data)).length;
    res[name].lost += 20 - got; res[name].retries += st.retries;
  }
  for (const [name, x] of Object.entries(res)) { x.other.sort((a, b) => a - b); console.log(`| ${name} | ${f(x.lost / rounds, 1)} | ${f(x.retries / rounds / 20, 2)} | ${f(median(x.ms), 1)} | ${f(x.other[Math.floor(x.other.length * 0.99)], 1)} |`); }
  await pool.end();
}
