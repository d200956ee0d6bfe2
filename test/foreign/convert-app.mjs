// One of the two applications of convert.mjs: `old` has express-session over connect-pg-simple, `new` is one of Nest with our
// package. GET /visit counts a visit in the session, and says who is logged in.
// oxlint-disable-next-line no-unassigned-import -- Nest's decorators need it
import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionCryptoModule, SessionService } from '../../dist/esm/index.js';
import { fromExpressSession } from '../../dist/esm/migrate.js';
import { pgStore } from '../../dist/esm/pg.js';

const { CLIENTS, DATABASE_URL, OLD_SECRET, OLD_RUNS } = process.env;
const load = createRequire(join(CLIENTS, 'index.js'));
const pool = new (load('pg').Pool)({ connectionString: DATABASE_URL, max: 10 });
const session = load('express-session');
const oldStore = () => new (load('connect-pg-simple')(session))({ pool, pruneSessionInterval: false });
const DAY = 86_400;

async function serveOld() {
  const middleware = session({
    secret: OLD_SECRET,
    store: oldStore(),
    cookie: { maxAge: DAY * 1000 },
    resave: false,
    saveUninitialized: false,
  });
  const server = createServer((request, response) =>
    middleware(request, response, (error) => {
      if (error) return response.writeHead(500).end();
      const { session: own } = request;
      const user = own.passport?.user ?? null;
      if (user) own.visits++;
      return response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ user, visits: own.visits }));
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

class VisitController {
  constructor(sessions) {
    this.sessions = sessions;
  }

  async visit() {
    const own = await this.sessions.current();
    const user = own.subject ?? null;
    if (user) own.increment('visits');
    return { user, visits: own.get('visits') };
  }
}
Controller()(VisitController);
Inject(SessionService)(VisitController, undefined, 0);
Get('visit')(
  VisitController.prototype,
  'visit',
  Object.getOwnPropertyDescriptor(VisitController.prototype, 'visit'),
);

async function serveNew() {
  const accept = [
    fromExpressSession({
      secret: OLD_SECRET,
      store: OLD_RUNS ? oldStore() : 'converted',
      keep: Boolean(OLD_RUNS),
      until: new Date(Date.now() + 2 * DAY * 1000),
      subjectFrom: (data) => data.passport?.user,
    }),
  ];
  class AppModule {}
  Module({
    imports: [
      SessionCryptoModule.forRoot({
        crypto: { secrets: [`hex:${'11'.repeat(32)}`], accept },
        session: { idleTimeout: DAY, absoluteTimeout: 0 },
        cookie: { lifetime: DAY },
        store: pgStore({ pool, table: 'our_sessions' }),
      }),
    ],
    controllers: [VisitController],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

process.once('disconnect', () => process.exit());
process.send(await (process.argv[2] === 'old' ? serveOld() : serveNew()));
