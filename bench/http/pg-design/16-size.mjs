// What a load of a large session costs: base64, as the store asks, beside the hex text that pg would get.
import crypto from 'node:crypto';
import { compare } from './_lib.mjs';
import { createTableSql } from '../../../dist/lib/stores/pg/index.js';
import { statements } from '../../../dist/lib/stores/sql/statements.js';
export default async function (ctx) {
  await ctx.c.query(`drop table if exists d16; ${createTableSql({ table: 'd16' }).join('; ')}`);
  const key = n => crypto.createHash('sha256').update(String(n)).digest();
  const sizes = [392, 10_000, 102_400];
  for (const n of sizes) await ctx.c.query(`insert into d16 values ($1, $2, null, now(), now(), now() + interval '1 day', 1, 0)`, [key(n), crypto.randomBytes(n)]);
  const base64 = statements({ table: 'd16' }).load.text;
  const hex = base64.replace(/encode\("sealed", 'base64'\) AS /, '');
  if (hex === base64) throw new Error('the statement has no base64');
  await compare(ctx, 'A load by the size of the session', [
    ...sizes.map(n => ({ name: `${n} bytes`, op: async c => Buffer.from((await c.query({ name: 'b', text: base64, values: [key(n)] })).rows[0].sealed, 'base64') })),
    { name: `${sizes.at(-1)} bytes in hex`, op: c => c.query({ name: 'h', text: hex, values: [key(sizes.at(-1))] }) },
  ]);
  await ctx.c.query('drop table d16');
}
