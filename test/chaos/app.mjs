// One process of the application under test: the built package, on one adapter, with its sessions in Postgres through the
// application's own DataSource, or in a Redis Cluster. Every handler says what it saw and did.
import 'reflect-metadata';
import { once } from 'node:events';
import { Controller, Get, Module, Param, Post, Res, UnauthorizedException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CurrentSession, ReadonlySession, SessionCryptoModule } from 'nestjs-session-crypto';
import { storeOf } from './stores.mjs';

const { PLATFORM, COMMIT_TIMEOUT, RENEWS } = process.env;
const { imports, store } = await storeOf(process.env);

/** The handlers. Each change notes its id in the session, beside the count: the two can differ only in a torn save. */
const ROUTES = {
  begin(session, id) {
    session.set('count', 0);
    session.set('log', []);
    note(session, id);
  },
  increment: (session, id) => note(live(session), id),
  stream: (session, id) => note(live(session), id),
  set: (session, id) => live(session).set(`key-${id}`, id),
  async held(session, id) {
    process.send({ held: id });
    await once(process, 'message');
    note(live(session), id);
    session.set(`key-${id}`, id);
  },
  async login(session, id) {
    note(live(session), id);
    await session.login(`user-${id.split('.')[0]}`);
  },
  async regenerate(session, id) {
    note(live(session), id);
    await session.regenerate();
  },
  logout: (session) => live(session).logout(),
  read() {},
  observe() {},
};

function note(session, id) {
  session.increment('count');
  session.update('log', (log) => [...log, id]);
}

function live(session) {
  if (session.isNew) throw new UnauthorizedException('no session');
  return session;
}

/** Sends a body in pieces, past Nest: the first of them sends the head. */
function sendInPieces(response, body) {
  response.hijack?.();
  const raw = response.raw ?? response;
  raw.setHeader('content-type', 'application/json');
  for (const piece of JSON.stringify(body).match(/.{1,40}/g)) raw.write(piece);
  raw.end();
}

class AppController {}
for (const [name, act] of Object.entries(ROUTES)) {
  const handler = async (session, id, response) => {
    const fresh = session.isNew;
    await act(session, id);
    const { count, log, ...keys } = session.all();
    const seen = { name, id, fresh, subject: session.subject, count, log, keys: Object.values(keys) };
    return response ? sendInPieces(response, seen) : seen;
  };
  AppController.prototype[name] = handler;
  const descriptor = { value: handler };
  const isRead = name === 'read' || name === 'observe';
  (isRead ? Get : Post)(`${name}/:id`)(AppController.prototype, name, descriptor);
  if (name === 'observe') ReadonlySession()(AppController.prototype, name, descriptor);
  CurrentSession()(AppController.prototype, name, 0);
  Param('id')(AppController.prototype, name, 1);
  if (name === 'stream') Res()(AppController.prototype, name, 2);
}
Controller()(AppController);

class AppModule {}
Module({
  imports: [
    ...imports,
    SessionCryptoModule.forRoot({
      crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
      store,
      session: {
        commitTimeout: Number(COMMIT_TIMEOUT),
        onGone: 'fail',
        regenerateInterval: RENEWS ? 1 : 0, // so that periodic renewals meet the faults too
        touchInterval: RENEWS ? 1 : 0,
        graceTime: 3600, // the checker still follows old ids at the end
      },
    }),
  ],
  controllers: [AppController],
})(AppModule);

const adapter = PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: false });
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });
process.on('message', (word) => word === 'stop' && app.close().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(1)); // the campaign was killed
