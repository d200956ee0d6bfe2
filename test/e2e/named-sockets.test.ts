import { Controller, Injectable, Post, UseGuards } from '@nestjs/common';
import {
  CurrentSession,
  CurrentSubject,
  getSessionServiceToken,
  memoryStore,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  UseSession,
  type Session,
  type SessionService,
} from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { SECRET, startApp, type TestApp } from '../support/test-app.js';
import { runHandler } from './support/operations.js';
import { handshakeOf } from './support/upgrades.js';

@Injectable()
class Gateway {
  @UseSession('shop')
  @UseGuards(SessionGuard, SessionCsrfGuard)
  cart(@CurrentSubject() subject: string) {
    return `cart of ${subject}`;
  }

  @UseGuards(SessionGuard, SessionCsrfGuard)
  report(@CurrentSubject() subject: string) {
    return `report for ${subject}`;
  }

  names(@CurrentSubject('shop') shop: string, @CurrentSubject() own: string) {
    return [shop, own];
  }
}

@Controller()
class LoginController {
  @Post('login')
  async login(@CurrentSession() session: Session, @CurrentSession('shop') shop: Session) {
    await Promise.all([session.login('clerk'), shop.login('customer')]);
  }
}

const moduleOf = (name?: string) =>
  SessionCryptoModule.forRootAsync({
    ...(name && { name }),
    useFactory: () => ({ crypto: { secrets: [SECRET] }, store: memoryStore() }),
  });

const FOREIGN = 'https://app.example';

describe.each(ADAPTER_NAMES)('a socket with two sessions on %s', (adapter) => {
  let app: TestApp;
  let client: object;
  let cookie: string;

  beforeEach(async () => {
    client = {};
    app = await startApp({
      adapter,
      imports: [moduleOf('shop'), moduleOf()],
      controllers: [LoginController],
      providers: [Gateway],
    });
    const visitor = app.visitor();
    await visitor.post('/login', '');
    ({ cookie } = visitor);
  });

  const send = (name: string) => runHandler(app.app, Gateway, name, ['ws', client, {}]);
  const serviceOf = (name?: string) =>
    app.app.get<SessionService>(getSessionServiceToken(name), { strict: false });

  it.each([[['default', 'shop']], [['shop', 'default']]])(
    'has both, attached in the order %s',
    async (names) => {
      const handshake = await handshakeOf(app.app, app.url, { cookie });
      const attached = names.map((name) => serviceOf(name).attach(handshake, client));
      const subjects = (await Promise.all(attached)).map(({ subject }) => subject);
      expect(subjects.toSorted()).toEqual(['clerk', 'customer']);
      expect(await send('cart')).toBe('cart of customer');
      expect(await send('report')).toBe('report for clerk');
      expect(await send('names')).toEqual(['customer', 'clerk']);
      expect(await send('report')).toBe('report for clerk');
    },
  );

  it('admits nobody by a named session where the one without a name is not attached', async () => {
    await serviceOf('shop').attach(await handshakeOf(app.app, app.url, { cookie }), client);
    expect(await send('cart')).toBe('cart of customer');
    expect(await send('report')).toBe('ERR_SESSION_NO_REQUEST');
  });

  it.each([[['default', 'shop']], [['shop', 'default']]])(
    'keeps the verdict of each service on its page: %s',
    async (names) => {
      const handshake = await handshakeOf(app.app, app.url, { cookie, origin: FOREIGN });
      const origins = { default: [], shop: [FOREIGN] };
      for (const name of names)
        await serviceOf(name).attach(handshake, client, { origins: origins[name as 'shop'] });
      expect(await send('cart')).toBe('cart of customer');
      expect(await send('report')).toBe('ERR_SESSION_REQUIRED');
    },
  );
});
