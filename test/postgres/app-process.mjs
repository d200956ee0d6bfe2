// One process of an application, for tests that need two: the built package, as users run it.
import 'reflect-metadata';
import { once } from 'node:events';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CurrentSession, SessionCryptoModule } from 'nestjs-session-crypto';
import { TypeOrmStore } from 'nestjs-session-crypto/typeorm';

/** The store with its version guard taken out: saves at whatever version there is. */
class UnguardedStore extends TypeOrmStore {
  async replace(row) {
    const found = await this.load(row.key);
    return super.replace(row, found.version);
  }
}

const { DATABASE_URL, TABLE, UNGUARDED, PLATFORM } = process.env;
const options = { table: TABLE, dataSource: { type: 'postgres', url: DATABASE_URL, poolSize: 8 } };
const store = UNGUARDED ? new UnguardedStore(options) : new TypeOrmStore(options);

class AppController {
  begin(session) {
    session.set('n', 0);
    return 'begun';
  }
  async add(session, key) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    session.set(key, 1);
    session.increment('n');
    return 'added';
  }
  /** Has its session, says so, and changes it only when it is told to go on. */
  async held(session, key) {
    process.send('held');
    await once(process, 'message');
    return this.add(session, key);
  }
  all(session) {
    return session.all();
  }
}
for (const [method, path] of [
  ['begin', 'begin'],
  ['add', 'add/:key'],
  ['held', 'held/:key'],
  ['all', 'all'],
]) {
  Get(path)(
    AppController.prototype,
    method,
    Object.getOwnPropertyDescriptor(AppController.prototype, method),
  );
  CurrentSession()(AppController.prototype, method, 0);
  if (path.endsWith(':key')) Param('key')(AppController.prototype, method, 1);
}
Controller()(AppController);

class AppModule {}
const sessions = SessionCryptoModule.forRoot({ crypto: { secrets: [`hex:${'11'.repeat(32)}`] }, store });
Module({ imports: [sessions], controllers: [AppController] })(AppModule);

const app = await NestFactory.create(
  AppModule,
  PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
  { logger: ['error'] },
);
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });
process.on('message', (word) => word === 'stop' && app.close().then(() => process.exit(0)));
