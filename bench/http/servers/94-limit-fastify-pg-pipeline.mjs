// pg's pipeline mode: two connections instead of a pool, many statements under way on each.
import { Client } from 'pg';
import { start, pgUrl } from './_app.mjs';
import { pgOps } from './_limit.mjs';
const cs = [0, 1].map(() => new Client({ connectionString: pgUrl, pipeline: true }));
await Promise.all(cs.map(c => c.connect()));
let i = 0;
await start({ platform: 'fastify', ops: pgOps(q => cs[i ^= 1].query(q)) });
