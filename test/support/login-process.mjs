// One process of an application that logs in whom it is told, for tests that need two: the built package, as users run it.
import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { CurrentSession, SessionCryptoModule } from 'nestjs-session-crypto';

const { DATABASE_URL, TABLE, REDIS_PORT, LIMIT, WHEN_FULL } = process.env;

async function makeStore() {
  if (REDIS_PORT) {
    const { createClient } = await import('redis');
    const { redisStore } = await import('nestjs-session-crypto/redis');
    return redisStore({ client: await createClient({ url: `redis://127.0.0.1:${REDIS_PORT}` }).connect() });
  }
  const { Pool } = await import('pg');
  const { pgStore } = await import('nestjs-session-crypto/pg');
  return pgStore({ pool: new Pool({ connectionString: DATABASE_URL, max: 10 }), table: TABLE });
}

class AppController {
  async login(session, subject) {
    await session.login(subject);
    return 'welcome';
  }
}
Post('login/:subject')(
  AppController.prototype,
  'login',
  Object.getOwnPropertyDescriptor(AppController.prototype, 'login'),
);
CurrentSession()(AppController.prototype, 'login', 0);
Param('subject')(AppController.prototype, 'login', 1);
Controller()(AppController);

class AppModule {}
const session = { maxPerSubject: { limit: Number(LIMIT), whenFull: WHEN_FULL }, commitTimeout: 30 };
const sessions = SessionCryptoModule.forRoot({
  crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
  store: await makeStore(),
  session,
});
Module({ imports: [sessions], controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: ['error'] });
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });
process.on('message', (word) => word === 'stop' && process.exit(0));
