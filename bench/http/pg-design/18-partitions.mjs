// One session of many: CPU and pages of a read, of joined reads and of a save in a table of 1,000 rows, in a large table, and
// in the same rows in 16 partitions. Then a prune beside reads in both large tables, and the bytes of a session.
import crypto from 'node:crypto';
import { compare, f, rnd, sizes } from './_lib.mjs';
import { median } from '../lib/proc.mjs';
import { createTableSql } from '../../../dist/lib/stores/pg/index.js';
import { keysOf, statements } from '../../../dist/lib/stores/sql/statements.js';

const SMALL = 1000;
const JOINED = 20;

const keyOf = i => crypto.createHash('sha256').update(String(i)).digest();

/** Fills a table with sessions of 300 bytes. */
async function fill(c, options, rows) {
  const { table } = options;
  await c.query(`drop table if exists ${table}; ${createTableSql(options).join('; ')}`);
  await c.query(`insert into ${table} select sha256(i::text::bytea), decode(repeat(md5(i::text), 19), 'hex'), case when i % 2 = 0 then 'user-' || i / 4 end, now(), now(), date_trunc('hour', now()) + interval '3 hours', 1, 0 from generate_series(1, ${rows}) i`);
  await c.query(`vacuum (analyze) ${table}`);
}

/** The pages that a statement touches, by EXPLAIN, as a median over many keys. */
async function pagesOf(c, text, values) {
  const pages = [];
  for (let i = 0; i < 100; i++) {
    const { rows } = await c.query({ text: `explain (analyze, buffers, format json) ${text}`, values: values() });
    const plan = rows[0]['QUERY PLAN'][0].Plan;
    pages.push(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']);
  }
  return median(pages);
}

export default async function (ctx) {
  const rows = Number(process.env.GROWTH_ROWS ?? (ctx.short ? 100_000 : 5_000_000));
  const tables = [
    { name: '1,000 sessions', options: { table: 'd18_small' }, rows: SMALL },
    { name: `${rows.toLocaleString('en')} sessions`, options: { table: 'd18_large' }, rows },
    { name: 'the same in 16 partitions', options: { table: 'd18_parts', partitions: 16 }, rows },
  ];
  await ctx.c.query('set synchronous_commit = off');
  for (const one of tables) {
    const began = performance.now();
    await fill(ctx.c, one.options, one.rows);
    one.statements = statements(one.options);
    one.versions = new Map();
    one.deadline = Number((await ctx.c.query(`select extract(epoch from deadline) * 1000 as ms from ${one.options.table} limit 1`)).rows[0].ms);
    if (one.options.partitions) one.statements.loadMany = one.statements.loadManyDivided;
    console.error(`${one.name}: filled in ${f((performance.now() - began) / 1000)} s`);
  }
  const read = one => [keyOf(rnd(one.rows))];
  const joined = one => [keysOf(Array.from({ length: JOINED }, () => keyOf(rnd(one.rows))))];
  /** As the store saves: at the version that is there, with the deadline of the same hour, so that the update is HOT. */
  const save = one => {
    const i = rnd(one.rows), version = one.versions.get(i) ?? 1;
    one.versions.set(i, version + 1);
    const subject = i % 2 ? null : `user-${Math.floor(i / 4)}`;
    return [keyOf(i), crypto.randomBytes(304), subject, Date.now(), one.deadline, version, Date.now() + 60_000];
  };
  for (const [title, statement, values] of [['one read', 'load', read], [`${JOINED} joined reads`, 'loadMany', joined], ['one save', 'replace', save]]) {
    await compare(ctx, title, tables.map(one => ({ name: one.name, op: c => c.query({ name: statement, text: one.statements[statement].text, values: values(one) }) })), { conc: 4 });
    if (statement === 'replace') continue;
    console.log('\n| pages touched (median of 100) | |\n|---|---|');
    for (const one of tables) console.log(`| ${one.name} | ${await pagesOf(ctx.c, one.statements[statement].text, () => values(one))} |`);
  }
  console.log('\n| bytes of a session | table | indexes |\n|---|---|---|');
  for (const one of tables.slice(1, 2)) {
    const { table, index } = await sizes(ctx.c, one.options.table);
    console.log(`| ${one.name} | ${f(table / one.rows)} | ${f(index / one.rows)} |`);
  }
  for (const { options } of tables) await ctx.c.query(`drop table ${options.table}`);
}
