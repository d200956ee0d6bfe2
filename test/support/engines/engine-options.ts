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
