// One process of an application whose handlers lock their sessions, for tests that need two: the built package, as users run it.
import 'reflect-metadata';
import { once } from 'node:events';
import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CurrentSession, SessionCryptoModule, SessionLock } from 'nestjs-session-crypto';

const { DATABASE_URL, TABLE, REDIS_PORT, PLATFORM } = process.env;

async function makeStore() {
  if (!REDIS_PORT) {
    const { typeOrmStore } = await import('nestjs-session-crypto/typeorm');
    return typeOrmStore({ table: TABLE, dataSource: { type: 'postgres', url: DATABASE_URL, poolSize: 2 } });
  }
  const [{ redisStore }, { createClient }] = [
    await import('nestjs-session-crypto/redis'),
    await import('redis6'),
  ];
  return redisStore({ client: await createClient({ url: `redis://127.0.0.1:${REDIS_PORT}` }).connect() });
}

class AppController {
  begin(session) {
    session.set('n', 0);
  }
  /** Reads, lets others run, and writes what it has read and one more. */
  async count(session) {
    const n = session.get('n');
    await new Promise(setImmediate);
    session.set('n', n + 1);
  }
  /** Says that it has the lock, and goes on when it is told to. */
  async hold(session) {
    process.send('held');
    await once(process, 'message');
    session.set('held', true);
  }
  now() {}
  all(session) {
    return session.all();
  }
}
const LOCKS = { count: { wait: 30 }, hold: { wait: 30 }, now: { wait: 0 } };
for (const method of ['begin', 'count', 'hold', 'now', 'all']) {
  const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, method);
  Post(method)(AppController.prototype, method, descriptor);
  CurrentSession()(AppController.prototype, method, 0);
  if (LOCKS[method]) SessionLock(LOCKS[method])(AppController.prototype, method, descriptor);
}
Controller()(AppController);

class AppModule {}
const sessions = SessionCryptoModule.forRoot({
  crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
  store: await makeStore(),
  session: { commitTimeout: 1 }, // so that the lock of a dead process is free after two seconds
});
Module({ imports: [sessions], controllers: [AppController] })(AppModule);

const adapter = PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });
process.on('disconnect', () => process.exit(1));
