// connect-redis on a Redis of its own; the database of a run is another server.
import session from 'express-session';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { start, plainOps, secret, maxAgeMs } from './_app.mjs';
const client = await createClient({ url: process.env.BENCH_REDIS }).connect();
const store = new RedisStore({ client });
await start({ ops: plainOps, install: app => app.use(session({ store, secret, name: 'sid', resave: false, saveUninitialized: false, cookie: { maxAge: maxAgeMs } })) });
