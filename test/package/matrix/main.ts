// An application whose sessions are in Postgres, with the Nest and the TypeORM that are installed beside it.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { Controller, Get, HttpCode, Module, Post, UseGuards, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  CurrentSession,
  Session,
  SessionCryptoModule,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';
import { sessionEntity, sessionMigration, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { DataSource } from 'typeorm';

declare module 'nestjs-session-crypto' {
  interface SessionData {
    cart: string[];
  }
}

const crypto = { secrets: ['a passphrase for this test'] };

@Controller()
class VisitorController {
  @Post('login')
  @HttpCode(204)
  async login(@CurrentSession() session: Session): Promise<void> {
    await session.login('ada');
    session.set('cart', ['tea']);
  }

  @Get('cart')
  @UseGuards(SessionGuard)
  cart(@CurrentSession() session: Session): object {
    return { subject: session.subject, cart: session.get('cart') };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL']!,
      entityPrefix: 'app_',
      entities: [sessionEntity()],
      migrations: [sessionMigration()],
      migrationsRun: true,
    }),
    SessionCryptoModule.forRoot({ crypto, store: typeOrmStore() }),
  ],
  controllers: [VisitorController],
})
class AppModule {}

async function visit(app: INestApplication): Promise<void> {
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const login = async () =>
    (await fetch(`${url}/login`, { method: 'POST' })).headers.getSetCookie()[0]!.split(';')[0]!;
  const cart = (cookie: string) => fetch(`${url}/cart`, { headers: { cookie } });
  const [first, second] = [await login(), await login()];
  assert.deepEqual(await (await cart(first)).json(), { subject: 'ada', cart: ['tea'] });

  const sessions = app.get(SessionService);
  const listed = await sessions.list('ada');
  assert.equal(listed.length, 2);
  assert.equal(await sessions.count(), 2);
  const entity = app.get(DataSource).getRepository(sessionEntity().options.name);
  assert.equal(await entity.countBy({ subject: 'ada', state: 0 }), 2);
  assert.equal(await sessions.prune(), 0);
  await sessions.revoke(listed[0]!.id);
  assert.equal(await sessions.revokeSubject('ada'), 1);
  for (const cookie of [first, second]) assert.equal((await cart(cookie)).status, 401);
  await app.close();
}

/** Reverts the migration, so that the next application finds an empty database. */
async function undo(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const dataSource = app.get(DataSource);
  await dataSource.undoLastMigration();
  assert.deepEqual(await dataSource.query(`SELECT to_regclass('app_session_crypto') AS "table"`), [
    { table: null },
  ]);
  await app.close();
}

async function main(): Promise<void> {
  const adapter = process.env['ADAPTER'] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  await visit(await NestFactory.create(AppModule, adapter, { logger: ['error'] }));
  await undo();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // the application may still listen
});
