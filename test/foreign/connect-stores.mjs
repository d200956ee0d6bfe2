#!/usr/bin/env node
// Runs the store contract on fromExpressStore() over connect-redis and connect-pg-simple with real servers, and on a connect
// store without `touch`; then it migrates sessions that the real express-session has kept in the first two. The packages are
// installed into a temporary folder, since nothing else needs them. Needs a build and Debian's redis-server and postgresql.
// `CLIENTS=DIR` names a folder that has the packages already.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { database } from '../../bench/http/lib/pg.mjs';
import { fromExpressStore } from '../../dist/esm/express.js';
import { storeContract } from '../../dist/esm/testing.js';
import { migrateSessions } from './migrated-sessions.mjs';

const PACKAGES = ['connect-redis@9', 'redis@5', 'connect-pg-simple@10', 'pg@8', 'express-session@1'];
const TYPES = ['@types/express-session@1', '@types/connect-pg-simple@7', '@types/node@20'];
const REDIS_PORT = Number(process.env.TEST_REDIS_PORT ?? 18760);

const folder = process.env.CLIENTS ?? mkdtempSync(join(tmpdir(), 'session-crypto-connect-'));
if (!process.env.CLIENTS)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES, ...TYPES], {
    stdio: 'ignore',
  });
const load = createRequire(join(folder, 'index.js'));

const server = await database({ port: Number(process.env.TEST_PG_PORT ?? 18554) });
const redis = spawn('redis-server', ['--port', String(REDIS_PORT), '--bind', '127.0.0.1', '--save', ''], {
  stdio: 'ignore',
});

const client = load('redis').createClient({ url: `redis://127.0.0.1:${REDIS_PORT}` });
client.on('error', () => undefined); // it connects again until the server is there
await client.connect();
const { RedisStore } = load('connect-redis');
const session = load('express-session');
const PgStore = load('connect-pg-simple')(session);
const pool = new (load('pg').Pool)({ connectionString: server.url });

/** A connect store of which only `get`, `set` and `destroy` are known. */
function withoutTouch(store) {
  const known = ['get', 'set', 'destroy'].map((name) => [name, store[name].bind(store)]);
  return Object.fromEntries(known);
}

const STORES = {
  'connect-redis': () => new RedisStore({ client }),
  'connect-pg-simple': () => new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false }),
  'a store without touch': () => withoutTouch(new session.MemoryStore()),
};

let failures = 0;
for (const [name, make] of Object.entries(STORES)) {
  const store = fromExpressStore(make());
  for (const { title, run } of storeContract)
    await run(store).catch((error) => {
      failures++;
      console.log(`FAILED ${name}: ${title}: ${error.message}`);
    });
  console.log(`${name}: ${storeContract.length} cases`);
}

/** A store whose `get` fails is an outage, which the response says as 503. */
const BROKEN = {
  throws() {
    throw new Error('away');
  },
  'calls back with an error': (_, done) => done(new Error('away')),
  rejects: () => Promise.reject(new Error('away')),
};
for (const [name, get] of Object.entries(BROKEN)) {
  const store = fromExpressStore({ get, set() {}, destroy() {} });
  const { statusCode } = await store.load(Buffer.alloc(32)).catch((error) => error);
  if (statusCode !== 503) failures++;
  console.log(`a store whose get ${name}: ${statusCode}`);
}

const stores = {
  'connect-redis': STORES['connect-redis'](),
  'connect-pg-simple': STORES['connect-pg-simple'](),
};
/** The same packages, whose servers are not there. */
const closed = load('redis').createClient({ url: 'redis://127.0.0.1:1', disableOfflineQueue: true });
const away = {
  'connect-redis': new RedisStore({ client: closed }),
  'connect-pg-simple': new PgStore({
    pool: new (load('pg').Pool)({ host: '127.0.0.1', port: 1 }),
    pruneSessionInterval: false,
  }),
};
failures += await migrateSessions({ session, stores, away, pool });

/** The stores in the types of their own packages. */
const source = join(folder, 'types.mts');
writeFileSync(
  source,
  `import { RedisStore } from 'connect-redis';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import type { ConnectStore } from '${new URL('../../dist/esm/express.js', import.meta.url).pathname}';
export const stores: ConnectStore[] = [
  new RedisStore({ client: {} }),
  new (connectPgSimple(session))(),
  new session.MemoryStore(),
];`,
);
const compiler = new URL('../../node_modules/typescript7/bin/tsc', import.meta.url).pathname;
const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
const checked = spawnSync(process.execPath, [compiler, ...options, source], {
  cwd: folder,
  encoding: 'utf8',
});
if (checked.status) failures++;
console.log(`the types of the stores: ${checked.stdout.trim() || 'accepted'}`);

for (const name of ['connect-redis', 'redis', 'connect-pg-simple', 'pg', 'express-session']) {
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  console.log(`${name} ${version}`);
}

await Promise.all([client.close(), pool.end()]);
redis.kill();
server.stop();
if (!process.env.CLIENTS) rmSync(folder, { recursive: true, force: true });
process.exit(failures ? 1 : 0);
