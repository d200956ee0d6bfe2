import { Controller, Injectable, Post, UseGuards } from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  memoryStore,
  ReadonlySession,
  SessionCryptoModule,
  SessionGuard,
  SessionId,
  SessionValue,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { SECRET, startApp, type TestApp } from '../support/test-app.js';
import type { Visitor } from '../support/visitor.js';
import { operate, serveOperations } from './support/operations.js';

type Loose = Session<Record<string, unknown>>;

@Injectable()
class Resolvers {
  @UseSession('shop')
  @UseGuards(SessionGuard)
  shopCart(@CurrentSubject() subject: string) {
    return `cart of ${subject}`;
  }

  @UseGuards(SessionGuard)
  staffReport(@CurrentSubject() subject: string) {
    return `report for ${subject}`;
  }

  /** What every decorator without a name finds. */
  async facts(
    @SessionValue('who') who: string,
    @CurrentSession() session: Loose,
    @SessionId() id: string,
    @CsrfToken() token: string,
  ) {
    await Promise.resolve();
    return [who, session.get('who'), id === session.id, token.length > 0];
  }

  @UseSession('shop')
  shopFacts(@SessionValue('who') who: string) {
    return who;
  }

  @UseSession('shop')
  @ReadonlySession()
  shopReads() {
    return 'read';
  }

  write(@CurrentSession() session: Loose) {
    session.set('written', true);
    return 'written';
  }

  @UseSession({ idleTimeout: 60 })
  @UseGuards(SessionGuard)
  secret() {
    return 'the secret';
  }

  @UseSession({ touch: false })
  @UseGuards(SessionGuard)
  news() {
    return 'the news';
  }
}

@Controller()
class LoginController {
  @Post('shop')
  async shop(@CurrentSession('shop') session: Loose) {
    await session.login('customer');
    session.set('who', 'shop');
  }

  @Post('staff')
  async staff(@CurrentSession() session: Loose) {
    await session.login('clerk');
    session.set('who', 'staff');
  }
}

const moduleOf = (name?: string) =>
  SessionCryptoModule.forRootAsync({
    ...(name && { name }),
    useFactory: () => ({ crypto: { secrets: [SECRET] }, store: memoryStore() }),
  });

const ORDERS = [
  ['the named one comes first', (...fields: string[]) => fields],
  ['the named one comes last', (...fields: string[]) => fields.toReversed()],
] as const;

describe.each(ADAPTER_NAMES)('the fields of one GraphQL operation on %s', (adapter) => {
  let app: TestApp;
  let clock: ShiftedClock;
  let visitor: Visitor;

  beforeEach(async () => {
    clock = new ShiftedClock();
    app = await startApp({
      adapter,
      imports: [moduleOf('shop'), moduleOf()],
      controllers: [LoginController],
      providers: [Resolvers],
      replace: [clock.replacement],
      prepare: (started) => serveOperations(started, Resolvers),
    });
    visitor = app.visitor();
  });

  describe.each(ORDERS)('of two sessions, where %s', (_, ordered) => {
    it('admit nobody by the session of another field', async () => {
      await visitor.post('/shop', '');
      expect(await operate(visitor, ...ordered('shopCart', 'staffReport'))).toEqual({
        shopCart: 'cart of customer',
        staffReport: 'ERR_SESSION_REQUIRED',
      });
    });

    it('get the session without a name where they name none', async () => {
      await visitor.post('/shop', '');
      await visitor.post('/staff', '');
      expect(await operate(visitor, ...ordered('shopFacts', 'facts'))).toEqual({
        shopFacts: 'shop',
        facts: ['staff', 'staff', true, true],
      });
    });

    it('restrict the session that they name, and no other', async () => {
      await visitor.post('/staff', '');
      const fields = ordered('shopReads', 'write');
      expect(await operate(visitor, ...fields)).toEqual({ shopReads: 'read', write: 'written' });
    });
  });

  it.each([[['secret', 'news']], [['news', 'secret']]])(
    'keep the idle timeout of their own: %s',
    async (fields) => {
      await visitor.post('/staff', '');
      clock.ahead = 120;
      expect(await operate(visitor, ...fields)).toMatchObject({ secret: 'ERR_SESSION_REQUIRED' });
    },
  );
});
