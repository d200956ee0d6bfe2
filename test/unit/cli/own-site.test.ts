import 'reflect-metadata';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { CurrentSession, memoryStore, SessionCryptoModule, type Session } from 'nestjs-session-crypto';
import { auditSite } from '../../../lib/cli/site/audit-site.js';
import { LOOPBACK_CERTIFICATE } from '../../support/loopback-certificate.js';

@Controller()
class VisitController {
  @Get()
  visit(@CurrentSession() session: Session<Record<string, unknown>>) {
    session.set('visited', true);
    return 'hello';
  }
}

@Module({
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'] },
      store: memoryStore(),
    }),
  ],
  controllers: [VisitController],
})
class AppModule {}

const ADAPTERS: Readonly<Record<string, () => Promise<INestApplication>>> = {
  express: () => NestFactory.create(AppModule, { logger: false, httpsOptions: LOOPBACK_CERTIFICATE }),
  fastify: () =>
    NestFactory.create(AppModule, new FastifyAdapter({ https: LOOPBACK_CERTIFICATE }), { logger: false }),
};
let app: INestApplication;
afterEach(() => app.close());

describe('the audit of a site with this module', () => {
  it.each(Object.keys(ADAPTERS))('finds all ok that the module does, on %s', async (adapter) => {
    app = await ADAPTERS[adapter]!();
    await app.listen(0, '127.0.0.1');
    const url = (await app.getUrl()).replace('http://', 'https://');
    const { rows } = await auditSite(url, { names: [], insecure: true, plainUrl: 'http://127.0.0.1:1/' });
    expect(rows.length).toBeGreaterThan(12);
    expect(rows.filter(({ verdict }) => verdict !== 'ok').map(({ code }) => code)).toEqual(['site-hsts']);
  });
});
