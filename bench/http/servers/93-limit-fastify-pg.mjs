import { Pool } from 'pg';
import { start, pgUrl, pgPool } from './_app.mjs';
import { pgOps } from './_limit.mjs';
const pool = new Pool({ connectionString: pgUrl, max: pgPool });
await start({ platform: 'fastify', ops: pgOps(q => pool.query(q)) });
