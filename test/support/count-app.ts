import 'reflect-metadata';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  CurrentSession,
  SessionCryptoModule,
  type Session,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';

@Controller()
class CountController {
  @Get()
  count(@CurrentSession() session: Session): string {
    const count = Number(session.get('count') ?? 0) + 1;
    session.set('count', String(count));
    return String(count);
  }
}

/** An application that counts visits, over plain http. */
export async function startApp(options: SessionCryptoOptions): Promise<INestApplication> {
  const plain = { ...options, cookie: { ...options.cookie, secure: false } };
  @Module({ imports: [SessionCryptoModule.forRoot(plain)], controllers: [CountController] })
  class AppModule {}
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}
