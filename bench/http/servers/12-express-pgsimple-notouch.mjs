import session from 'express-session';
import connectPg from 'connect-pg-simple';
import { Pool } from 'pg';
import { start, plainOps, secret, maxAgeMs, pgUrl, pgPool } from './_app.mjs';
const Store = connectPg(session);
const store = new Store({ pool: new Pool({ connectionString: pgUrl, max: pgPool }), tableName: 'sess_pgsimple_nt', disableTouch: true });
await start({ ops: plainOps, install: app => app.use(session({ store, secret, name: 'sid', resave: false, saveUninitialized: false, cookie: { maxAge: maxAgeMs } })) });
