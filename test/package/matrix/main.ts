// An application of Nest 11 whose sessions are in Postgres, with the TypeORM that is installed beside it.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
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
import { PGliteStream } from './pglite-stream.js';

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

/** Returns the module of an application on this database. */
function appOn(pglite: PGlite): new () => object {
  const database = TypeOrmModule.forRoot({
    type: 'postgres',
    username: 'postgres',
    database: 'postgres',
    poolSize: 1,
    extra: { stream: () => new PGliteStream(pglite) },
    entityPrefix: 'app_',
    entities: [sessionEntity()],
    migrations: [sessionMigration()],
    migrationsRun: true,
  });
  const sessions = SessionCryptoModule.forRoot({ crypto, store: typeOrmStore() });
  @Module({ imports: [database, sessions], controllers: [VisitorController] })
  class AppModule {}
  return AppModule;
}

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

/** Reverts the migration. */
async function undo(pglite: PGlite): Promise<void> {
  const app = await NestFactory.createApplicationContext(appOn(pglite), { logger: ['error'] });
  await app.get(DataSource).undoLastMigration();
  await app.close();
  const { rows } = await pglite.query(`SELECT to_regclass('app_session_crypto') AS "table"`);
  assert.deepEqual(rows, [{ table: null }]);
}

async function main(): Promise<void> {
  const pglite = await PGlite.create();
  for (const adapter of [new ExpressAdapter(), new FastifyAdapter()])
    await visit(await NestFactory.create(appOn(pglite), adapter, { logger: ['error'] }));
  await undo(pglite);
  await pglite.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // the application may still listen
});
