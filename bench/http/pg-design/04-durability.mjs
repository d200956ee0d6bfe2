import { compare, fill, id, payload, rnd } from './_lib.mjs';
export default async function (ctx) {
  const N = ctx.short ? 5000 : 20_000;
  await fill(ctx.c, 'd04_l', N, { fillfactor: 70 });
  await fill(ctx.c, 'd04_u', N, { fillfactor: 70, unlogged: true });
  const w = t => c => c.query({ name: t, text: `update ${t} set data=$2 where id=$1`, values: [id(rnd(N)), payload()] });
  const v = () => [
    { name: 'logged, synchronous_commit on', op: w('d04_l') },
    { name: 'logged, off for the connection', setup: c => c.query('set synchronous_commit=off'), op: w('d04_l') },
    { name: 'logged, off by SET LOCAL in a transaction (4 statements)', op: async c => { await c.query('begin'); await c.query('set local synchronous_commit=off'); await w('d04_l')(c); await c.query('commit'); } , conns: 1e9 },
    { name: 'logged, off by set_config in the same statement', op: c => c.query({ name: 'sc', text: `with g as materialized (select set_config('synchronous_commit','off',true)) update d04_l set data=$2 from g where id=$1`, values: [id(rnd(N)), payload()] }) },
    { name: 'unlogged', op: w('d04_u') },
  ].map(x => (x.conns === 1e9 ? (delete x.conns, x) : x));
  await compare(ctx, 'Durability, 1 client', v(), { conc: 1 });
  await compare(ctx, 'Durability, 8 clients (group commit)', v(), { conc: 8 });
}
