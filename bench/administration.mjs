#!/usr/bin/env node
// What administration costs beside requests, with a table of many sessions of which a fifth has expired:
//   node bench/administration.mjs [--rows 1000000] [--dist DIR]     DIR: another build to compare with, such as ../old/dist
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { database, PgMeter } from './http/lib/pg.mjs';

const { values: o } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, dist: { type: 'string', default: 'dist' } },
});
const entry = pathToFileURL(resolve(o.dist, 'lib/stores/typeorm/index.js')).href;
const { typeOrmStore, createTableSql } = await import(entry);
const db = await database();
process.on('exit', () => db.stop());
const { c: admin } = await new PgMeter(db.url, 'bench_app').open();
for (const sql of createTableSql()) await admin.query(sql);
await admin.query(`INSERT INTO session_crypto SELECT sha256(i::text::bytea), decode(repeat(md5(i::text), 19), 'hex'), 'user' || i % 100000,
  now(), now(), date_trunc('hour', now()) + CASE WHEN i % 5 = 0 THEN -1 ELSE 2 END * interval '1 hour', 1, 0 FROM generate_series(1, ${Number(o.rows)}) AS i`);
await admin.query('VACUUM ANALYZE session_crypto');
await admin.query('CHECKPOINT');

const store = typeOrmStore({ dataSource: { type: 'postgres', url: db.url, poolSize: 8 } });
await store.open(() => undefined);
const at = (list, share) => list.toSorted((a, b) => a - b)[Math.floor(share * list.length)]?.toFixed(1);
const timed = async (act) => {
  const t = performance.now();
  const result = await act();
  return [result, (performance.now() - t).toFixed(0)];
};

console.log(
  `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${(await admin.query('select version()')).rows[0].version.split(' ').slice(0, 2).join(' ')}`,
);
for (let i = 0; i < 3; i++) console.log('count: %d in %s ms', ...(await timed(() => store.count())));
if (store.estimate)
  for (let i = 0; i < 3; i++) console.log('estimate: %d in %s ms', ...(await timed(() => store.estimate())));

/** Reads one after another, four at a time, as long as `during` takes. */
async function readsDuring(during) {
  const times = [];
  const state = { done: false };
  const ended = during().finally(() => {
    state.done = true;
  });
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!state.done) {
        const t = performance.now();
        await store.load(randomBytes(32));
        times.push(performance.now() - t);
        await new Promise((r) => setTimeout(r, 1));
      }
    }),
  );
  return [await ended, times];
}
const pause = () => new Promise((r) => setTimeout(r, 5000));
await readsDuring(pause);
const [, alone] = await readsDuring(pause);
const begin = performance.now();
const [removed, beside] = await readsDuring(() => store.prune());
console.log('prune: %d in %s s', removed, ((performance.now() - begin) / 1000).toFixed(1));
for (const [name, times] of [
  ['alone', alone],
  ['beside prune', beside],
])
  console.log(`reads ${name}: p50 ${at(times, 0.5)} p99 ${at(times, 0.99)} ms (${times.length})`);
await store.close();
await admin.end();
process.exit();
