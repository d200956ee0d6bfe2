import { Pool } from 'pg';
import { compare, fill, id, payload, rnd } from './_lib.mjs';
export default async function (ctx) {
  const N = ctx.rows;
  await fill(ctx.c, 'd11', N, { fillfactor: 70, expIndex: false });
  const pools = [];
  const mk = (n, write, extra = {}) => { const p = new Pool({ connectionString: ctx.appUrl, max: n, ...extra }); p.on('error', () => {}); pools.push(p); return p; };
  const R = 'select data, version, expires_at from d11 where id=$1', W = 'update d11 set data=$2, version=version+1 where id=$1';
  const v = write => [1, 2, 4, 8, 16, 32].map(n => { const p = mk(n); return { name: `pool of ${n}`, conns: 1, op: () => write ? p.query({ name: 'w', text: W, values: [id(rnd(N)), payload()] }) : p.query({ name: 'r', text: R, values: [id(rnd(N))] }) }; });
  await compare(ctx, '32 reads in flight by pool size', v(false), { conc: 32 });
  await compare(ctx, '32 writes in flight by pool size', v(true), { conc: 32 });
  await Promise.all(pools.map(p => p.end()));
}
