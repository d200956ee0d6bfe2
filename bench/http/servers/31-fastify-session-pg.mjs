// @fastify/session with the connect-pg-simple store.
import session from 'express-session';
import connectPg from 'connect-pg-simple';
import { Pool } from 'pg';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { start, plainOps, secret, maxAgeMs, pgUrl, pgPool } from './_app.mjs';
const Store = connectPg(session);
const store = new Store({ pool: new Pool({ connectionString: pgUrl, max: pgPool }), tableName: 'sess_fastify' });
await start({ platform: 'fastify', ops: plainOps, install: async app => {
  await app.register(cookie);
  await app.register(fastifySession, { store, secret, cookieName: 'sid', saveUninitialized: false, rolling: process.env.FASTIFY_ROLLING === '1', cookie: { secure: false, maxAge: maxAgeMs } });
} });
