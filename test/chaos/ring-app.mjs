// One process of an application with a managed key ring: the built package, on one adapter. All clocks of sessions and keys run
// FACTOR times as fast as those that they come from, so that keys live for seconds.
import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  CurrentSession,
  getSessionClockToken,
  managedRing,
  SessionCryptoModule,
  SessionService,
} from 'nestjs-session-crypto';
import { pgKeyStore, pgStore } from 'nestjs-session-crypto/pg';
import { redisKeyStore, redisStore } from 'nestjs-session-crypto/redis';

const { STORE, URL_OF_STORE, PLATFORM, NAME, DEAF } = process.env;
const [START, FACTOR, ROTATION, LEAD, LONGEST] = process.env.TIMES.split(' ').map(Number);

/** The time that a fast clock shows. */
const fast = (time) => new Date(START + FACTOR * (time.getTime() - START));

/** The store of keys with a fast clock: a row is written by that clock too. */
function onFastClock(store) {
  let first; // what a deaf process has read, and reads for ever
  return {
    kind: store.kind,
    name: store.name,
    open: (...args) => store.open(...args),
    close: () => store.close(),
    insert: (...args) => store.insert(...args),
    update: (...args) => store.update(...args),
    remove: (...args) => store.remove(...args),
    async load(ring) {
      const loaded = (DEAF && first) || (await store.load(ring));
      first ??= loaded.rows.length ? loaded : undefined;
      return { rows: loaded.rows, now: fast(loaded.now) };
    },
  };
}

async function openStores() {
  if (STORE === 'redis') {
    const { createClient } = await import('redis');
    const client = createClient({ url: URL_OF_STORE });
    client.on('error', () => {});
    await client.connect();
    return {
      store: redisStore({ client }),
      keyStore: redisKeyStore({ client }),
      close: () => client.close(),
    };
  }
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: URL_OF_STORE, max: 2 });
  pool.on('error', () => {}); // the campaign was killed
  return { store: pgStore({ pool }), keyStore: pgKeyStore({ pool }), close: () => pool.end() };
}

/** Counts in the session of a user. Whoever finds another user, or none, says so, and changes nothing. */
class AppController {
  async login(session, user) {
    await session.login(user);
    session.set('count', 0);
    return { subject: user, count: 0 };
  }

  async count(session, user) {
    const { subject } = session;
    if (subject === user) session.increment('count');
    return { subject: subject ?? null, count: session.get('count') ?? null };
  }
}
for (const name of ['login', 'count']) {
  Post(`${name}/:user`)(
    AppController.prototype,
    name,
    Object.getOwnPropertyDescriptor(AppController.prototype, name),
  );
  CurrentSession()(AppController.prototype, name, 0);
  Param('user')(AppController.prototype, name, 1);
}
Controller()(AppController);

const { store, keyStore, close } = await openStores();
class AppModule {}
Module({
  imports: [
    SessionCryptoModule.forRoot({
      crypto: {
        secrets: [`hex:${'11'.repeat(32)}`],
        ring: managedRing({
          store: onFastClock(keyStore),
          rotation: ROTATION,
          publishLead: LEAD,
          interval: 1, // by the clock of the machine
        }),
      },
      store,
      session: { absoluteTimeout: LONGEST, idleTimeout: LONGEST / 2, regenerateInterval: LONGEST / 4 },
      cookie: { secure: false },
      prune: { interval: 0 },
      csrf: { lifetime: 300 }, // keys outlive these tokens too
    }),
  ],
  controllers: [AppController],
})(AppModule);

const testing = await Test.createTestingModule({ imports: [AppModule] })
  .overrideProvider(getSessionClockToken())
  .useValue(fast)
  .compile();
const adapter = PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = testing.createNestApplication(adapter, { logger: false });
const sessions = app.get(SessionService);
const tell = (type, detail) => process.connected && process.send({ type, name: NAME, ...detail });
sessions.events
  .on('keyChanged', ({ hint, state }) => tell('changed', { hint, state }))
  .on('keysFailed', ({ message }) => tell('alarm', { message }))
  .on('keysReloaded', () => void tellRing())
  .on('rejected', ({ reason }) => tell('rejected', { reason }));

/** What this process holds: the hints of its keys, the sealing one first. */
async function tellRing() {
  const keys = await sessions.keys.list();
  const held = keys.filter(({ opens }) => opens !== undefined);
  const rank = ({ state }) => (state === 'sealing' ? 0 : 1);
  tell('ring', { hints: held.toSorted((a, b) => rank(a) - rank(b)).map(({ hint }) => hint) });
}

await app.listen(0, '127.0.0.1');
app.getHttpServer().keepAliveTimeout = 120_000; // a connection that ends while a request is on its way would look like a failure
tell('ready', { port: app.getHttpServer().address().port });
await tellRing();
process.on('disconnect', () => process.exit(1)); // the campaign was killed
process.on('message', async () => {
  await app.close();
  await close();
  process.exit(0);
});
