// The application of the soak: sessions in PostgreSQL, telemetry, and the dashboard where this build has one. Its parent asks it
// for its figures and its memory.
// oxlint-disable-next-line no-unassigned-import -- Nest's decorators need it
import 'reflect-metadata';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { metrics } from '@opentelemetry/api';
import { Controller, Get, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { SessionCryptoModule, SessionService } from '../../dist/esm/index.js';
import { pgStore } from '../../dist/esm/pg.js';
import { SessionTelemetryModule } from '../../dist/esm/telemetry.js';

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}
const reader = new Reader();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

let sessions;
/** What each path does with the session of its request. */
const ROUTES = {
  begin: (session) => void session.set('n', 0),
  read: (session) => session.get('n'),
  add: (session) => session.increment('n'),
  login: (session, { user }) => session.login(user),
  logout: (session) => session.logout(),
  id: (session) => session.id,
  revoke: (_, { id }) => sessions.revoke(id),
};

class SoakController {}
for (const [name, act] of Object.entries(ROUTES)) {
  SoakController.prototype[name] = async (query) =>
    String((await act(await sessions.current(), query)) ?? 'done');
  const descriptor = Object.getOwnPropertyDescriptor(SoakController.prototype, name);
  Get(name)(SoakController.prototype, name, descriptor);
  Query()(SoakController.prototype, name, 0);
}
Controller()(SoakController);

/** The dashboard is observed from the outside, as an operator does it. */
const dashboard = await import('../../dist/esm/dashboard.js').catch(() => undefined);
class AllowAll {
  canActivate() {
    return true;
  }
}

const pool = new pg.Pool({ connectionString: process.env.SOAK_PG, max: 8 });
pool.on('error', () => {}); // of an idle connection, when the database goes

class AppModule {}
Module({
  controllers: [SoakController],
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
      session: { idleTimeout: 86_400, absoluteTimeout: 172_800 },
      prune: { interval: 60 },
      store: pgStore({ pool }),
    }),
    SessionTelemetryModule.forRoot({ countSessions: true }),
    ...(dashboard ? [dashboard.SessionDashboardModule.register({ path: 'ops', guard: AllowAll })] : []),
  ],
})(AppModule);

const adapter =
  process.env.SOAK_ADAPTER === 'express'
    ? new (await import('@nestjs/platform-express')).ExpressAdapter()
    : new (await import('@nestjs/platform-fastify')).FastifyAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
sessions = app.get(SessionService);
await app.listen(Number(process.env.PORT), '127.0.0.1');

/** The numbers of every metric, by the values of its attributes but the name of the session. */
async function figures() {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return Object.fromEntries(
    all.map(({ descriptor, dataPoints }) => [descriptor.name, numbersOf(dataPoints)]),
  );
}
function numbersOf(points) {
  return Object.fromEntries(
    points.map(({ attributes, value }) => {
      const rest = Object.keys(attributes).filter((key) => !key.endsWith('session.name'));
      const key = rest.toSorted().map((name) => attributes[name]);
      return [key.join(' '), typeof value === 'number' ? value : value.count];
    }),
  );
}

const ANSWERS = {
  figures,
  memory() {
    globalThis.gc();
    globalThis.gc();
    return process.memoryUsage();
  },
  dashboard: () => dashboard !== undefined,
};
process.on('message', async (question) => process.send({ answer: await ANSWERS[question]() }));
process.on('disconnect', () => process.exit());
process.send({ ready: true });
