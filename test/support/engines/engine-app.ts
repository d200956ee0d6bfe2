import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { cookieStore, CurrentSession, SessionCryptoModule, type Session } from 'nestjs-session-crypto';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';

@Controller()
class CountController {
  @Get()
  count(@CurrentSession() session: Session): string {
    const count = Number(session.get('count') ?? 0) + 1;
    session.set('count', String(count));
    return String(count);
  }
}

/** Sessions as httpd has them, sealed through an engine. */
export const optionsWith = (engine: string): SessionCryptoOptions => ({
  crypto: {
    driver: 'openssl',
    driverParams: { engine },
    format: apache({ secrets: ['secret of the engine'] }),
  },
  cookie: { name: 'session', secure: false },
  store: cookieStore({ acceptReplay: true }),
});

export async function startApp(options: SessionCryptoOptions): Promise<INestApplication> {
  @Module({ imports: [SessionCryptoModule.forRoot(options)], controllers: [CountController] })
  class AppModule {}
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

/** The answer, and the cookie that it sets. */
export async function ask(app: INestApplication, cookie: string): Promise<{ body: string; cookie: string }> {
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const answer = await fetch(url, { headers: { cookie } });
  return { body: await answer.text(), cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

/** The value of `name=value`. */
export const cookieOf = (pair: string): string => pair.slice(pair.indexOf('=') + 1);
