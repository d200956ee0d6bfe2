import {
  Controller,
  createParamDecorator,
  Injectable,
  Post,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import {
  CurrentSession,
  memoryStore,
  RefererGuard,
  SessionCryptoModule,
  SkipSession,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { SECRET, startApp, type TestApp } from '../support/test-app.js';
import type { Visitor } from '../support/visitor.js';
import { RecordingStore } from './support/gate-store.js';
import { operate, ROOT, serveOperations } from './support/operations.js';

/** What a resolver finds as `session` on the request of its operation. */
const OnRequest = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { req } = context.getArgByIndex<{ req: { session?: Session } }>(2);
  return req.session;
});

@Injectable()
class Resolvers {
  me(@OnRequest() session: Session) {
    return session.subject;
  }

  @UseSession('shop')
  async cart(@CurrentSession() shop: Session, @OnRequest() session: Session | undefined) {
    await Promise.resolve();
    return [shop.subject, session?.subject ?? null];
  }

  @SkipSession()
  skipped(@OnRequest() session: Session | undefined) {
    return session === undefined;
  }

  @UseGuards(RefererGuard)
  linked() {
    return 'linked';
  }
}

@Controller()
class LoginController {
  @Post('login')
  async login(@CurrentSession() session: Session, @CurrentSession('shop') shop: Session) {
    await Promise.all([session.login('ada'), shop.login('eve')]);
  }
}

describe.each(ADAPTER_NAMES)('a GraphQL operation whose session is loaded eagerly, on %s', (adapter) => {
  let store: RecordingStore;
  let app: TestApp;
  let visitor: Visitor;

  const moduleOf = (name?: string) =>
    SessionCryptoModule.forRootAsync({
      ...(name && { name }),
      useFactory: () => ({
        crypto: { secrets: [SECRET] },
        store: name ? memoryStore() : store,
        session: { load: 'eager' as const },
        id: { refererCheck: { origins: ['https://shop.example'], missing: 'refuse' as const } },
      }),
    });

  beforeEach(async () => {
    store = new RecordingStore();
    app = await startApp({
      adapter,
      imports: [moduleOf(), moduleOf('shop')],
      controllers: [LoginController],
      providers: [Resolvers],
      prepare: (started) => serveOperations(started, Resolvers),
    });
    visitor = app.visitor();
    await visitor.post('/login', '');
  });

  it('has it on its request, and leaves the root alone', async () => {
    expect(await operate(visitor, 'me')).toEqual({ me: 'ada' });
    expect(ROOT).toEqual({});
    expect(await operate(app.visitor(), 'skipped')).toEqual({ skipped: true });
  });

  it.each([[['me', 'cart']], [['cart', 'me']]])('has no named one there: %s', async (fields) => {
    const { me, cart } = await operate(visitor, ...fields);
    expect(me).toBe('ada');
    expect(cart).toEqual(['eve', expect.not.stringMatching('eve')]);
    expect(await operate(visitor, 'cart')).toEqual({ cart: ['eve', null] });
  });

  it('says that the store is down', async () => {
    store.down = true;
    expect(await operate(visitor, 'me')).toEqual({ me: 'ERR_SESSION_STORE' });
  });

  it('is judged by the Referer of its request', async () => {
    const linkedFrom = async (referer?: string) =>
      (await visitor.get('/graphql?fields=linked', referer ? { referer } : {})).body;
    expect(await linkedFrom('https://shop.example/')).toEqual({ linked: 'linked' });
    expect(await linkedFrom('https://evil.example/')).toEqual({ linked: 'Forbidden' });
    expect(await linkedFrom()).toEqual({ linked: 'Forbidden' });
  });
});
