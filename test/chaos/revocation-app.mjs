// One process of an application whose sessions are in cookies, and whose revocations are in a store: the built package, on one adapter.
import 'reflect-metadata';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { cookieStore, CurrentSession, SessionCryptoModule, SessionService } from 'nestjs-session-crypto';
import { pgStore, sqlRevocation } from 'nestjs-session-crypto/pg';
import { redisRevocation, redisStore } from 'nestjs-session-crypto/redis';

const { STORE, PLACE, URL_OF_STORE, PLATFORM } = process.env;

/** Returns what keeps the sessions: the cookie with its revocations in the store, or the store itself. */
async function storeOf() {
  if (STORE === 'redis') {
    const { createClient } = await import('redis');
    const client = createClient({ url: URL_OF_STORE });
    client.on('error', () => {});
    await client.connect();
    return PLACE === 'cookie'
      ? cookieStore({ revocation: redisRevocation({ client }) })
      : redisStore({ client });
  }
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: URL_OF_STORE, max: 4 });
  pool.on('error', () => {});
  return PLACE === 'cookie' ? cookieStore({ revocation: sqlRevocation({ pool }) }) : pgStore({ pool });
}

class AppController {
  subject(session) {
    return { subject: session.subject ?? null };
  }

  async login(session, user) {
    await session.login(user);
  }

  async logout(session) {
    await session.logout();
  }

  async revoke(session, user) {
    await sessions.revokeSubject(user);
  }
}
for (const [name, verb] of Object.entries({ subject: Get, login: Post, logout: Post, revoke: Post })) {
  const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, name);
  verb(`${name}/:user`)(AppController.prototype, name, descriptor);
  CurrentSession()(AppController.prototype, name, 0);
  Param('user')(AppController.prototype, name, 1);
}
Controller()(AppController);

class AppModule {}
Module({
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
      store: await storeOf(),
      cookie: { secure: false },
    }),
  ],
  controllers: [AppController],
})(AppModule);

const adapter = PLATFORM === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
const sessions = app.get(SessionService);
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });
process.on('disconnect', () => process.exit(0));
