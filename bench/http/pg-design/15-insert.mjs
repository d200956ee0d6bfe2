// The INSERT of a new session: ours beside connect-pg-simple's, and what each part of ours costs.
import crypto from 'node:crypto';
import { compare, payload } from './_lib.mjs';
import { createTableSql } from '../../../dist/lib/stores/pg/index.js';
import { statements } from '../../../dist/lib/stores/sql/statements.js';
export default async function (ctx) {
  const c = ctx.c;
  const make = async (t, { index = true } = {}) => {
    await c.query(`drop table if exists ${t}; ${createTableSql({ table: t }).slice(0, index ? 3 : 1).join('; ')}`);
  };
  await c.query(`drop table if exists d15_peer; create table d15_peer (sid varchar not null primary key, sess json not null, expire timestamp(6) not null); create index on d15_peer (expire)`);
  for (const t of ['d15', 'd15_plain', 'd15_minimal']) await make(t);
  await make('d15_bare', { index: false });
  await c.query('grant all on all tables in schema public to public');
  const json = JSON.stringify({ cookie: { originalMaxAge: 86400000, expires: new Date().toISOString(), httpOnly: true, path: '/' }, user: 'x'.repeat(300 - 20), n: 100000 });
  const hour = () => Math.ceil((Date.now() + 86400e3) / 3600e3) * 3600e3;
  const values = () => { const now = Date.now(); return [crypto.randomBytes(32), payload(77 + 15 + 300), null, now, now, hour()]; };
  const text = t => statements({ table: t }).create.text;
  const plain = t => text(t).replace(/ RETURNING.*/s, '');
  const ours = (name, t, sql, limit) => ({ name, op: k => k.query({ name: t, text: sql, values: limit ? [...values(), Date.now() + 5000] : values() }) });
  await compare(ctx, 'INSERT of a session of 300 bytes of JSON', [
    { name: "connect-pg-simple's, 395 bytes of JSON", op: k => k.query({ text: 'INSERT INTO d15_peer (sess, expire, sid) SELECT $1, to_timestamp($2), $3 ON CONFLICT (sid) DO UPDATE SET sess=$1, expire=to_timestamp($2) RETURNING sid', values: [json, Math.ceil(Date.now() / 1000 + 86400), crypto.randomBytes(24).toString('base64url')] }) },
    ours("ours, 392 bytes sealed", 'd15', text('d15'), true),
    ours('ours without the moment', 'd15_plain', plain('d15_plain')),
    ours('ours without both indexes', 'd15_bare', text('d15_bare'), true),
    { name: 'three columns, no moment', op: k => { const v = values(); return k.query({ name: 'm', text: `insert into d15_minimal values ($1, $2, null, to_timestamp($3::int8/1000::float8), now(), now(), 1, 0)`, values: [v[0], v[1], v[5]] }); } },
  ]);
  await c.query('drop table d15_peer, d15, d15_plain, d15_bare, d15_minimal');
}
