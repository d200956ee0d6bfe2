// One process of the application that Prometheus looks at.
// oxlint-disable-next-line no-unassigned-import -- Nest's decorators need it
import 'reflect-metadata';
import { Controller, Get, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { SessionCryptoModule, SessionLock, SessionService } from '../../dist/esm/index.js';
import { pgStore } from '../../dist/esm/pg.js';
import { SessionTelemetryModule } from '../../dist/esm/telemetry.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let sessions;

/** What each path does with the session of its request. */
const ROUTES = {
  begin: (session) => session.set('n', 0),
  read: (session) => session.get('n'),
  add: (session) => session.increment('n'),
  slow: async (session, { value }) => (session.set('place', value), await sleep(60), 'set'),
  locked: async (session, { ms = 20 }) => (session.increment('n'), await sleep(Number(ms)), 'counted'),
  login: (session, { user }) => session.login(user),
  logout: (session) => session.logout(),
  id: (session) => session.id,
  revoke: (_, { id }) => sessions.revoke(id),
  prune: () => sessions.prune(),
};

class AppController {}
for (const [name, act] of Object.entries(ROUTES)) {
  const { prototype } = AppController;
  prototype[name] = async (query) => String((await act(await sessions.current(), query)) ?? 'done');
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  Get(name)(prototype, name, descriptor);
  if (name === 'locked') SessionLock()(prototype, name, descriptor);
  Query()(prototype, name, 0);
}
Controller()(AppController);

const pool = new pg.Pool({ connectionString: process.env.APP_PG, max: 8 });
pool.on('error', () => {}); // of an idle connection, when the database goes

class AppModule {}
Module({
  controllers: [AppController],
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
      session: { commitTimeout: 1 },
      store: pgStore({ pool }),
    }),
    SessionTelemetryModule.forRoot({ countSessions: true }),
  ],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
sessions = app.get(SessionService);
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.send({ ready: true });
process.on('disconnect', () => process.exit());
