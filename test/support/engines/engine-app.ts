import type { INestApplication } from '@nestjs/common';
import { cookieStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';

/** Sessions as httpd has them, sealed through an engine. */
export const optionsWith = (engine: string): SessionCryptoOptions => ({
  crypto: {
    driver: 'openssl',
    driverParams: { engine },
    format: apache({ secrets: ['secret of the engine'] }),
  },
  cookie: { name: 'session' },
  store: cookieStore({ acceptReplay: true }),
});

/** The answer, and the cookie that it sets. */
export async function ask(app: INestApplication, cookie: string): Promise<{ body: string; cookie: string }> {
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const answer = await fetch(url, { headers: { cookie } });
  return { body: await answer.text(), cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

/** The value of `name=value`. */
export const cookieOf = (pair: string): string => pair.slice(pair.indexOf('=') + 1);
