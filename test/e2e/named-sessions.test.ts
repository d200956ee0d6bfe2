import { Controller, Get, Post } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CurrentSession, memoryStore, SessionCryptoModule, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { SECRET, startApp } from '../support/test-app.js';

@Controller()
class ShopController {
  @Post('login')
  async login(@CurrentSession('default') shop: Session, @CurrentSession('staff') staff: Session) {
    await Promise.all([shop.login('ada'), staff.login('eve')]);
  }

  @Get('me')
  me(@CurrentSession() session: Session) {
    return session.subject ?? 'nobody';
  }
}

const sessionOf = (name?: string, secrets: unknown[] = []) =>
  SessionCryptoModule.forRootAsync({
    ...(name && { name }),
    useFactory: () => ({ crypto: { secrets: [SECRET, ...(secrets as string[])] }, store: memoryStore() }),
  });

describe.each(ADAPTER_NAMES)('a decorator without a name on %s', (adapter) => {
  // A passphrase takes half a second at the start, so the other module is built first.
  const SLOW = ['a passphrase that takes its time'];

  it.each([
    ['is imported first', () => [sessionOf(), sessionOf('staff')]],
    ['is imported second', () => [sessionOf('staff'), sessionOf()]],
    ['is built last', () => [sessionOf(undefined, SLOW), sessionOf('staff')]],
    ['is built first', () => [sessionOf(), sessionOf('staff', SLOW)]],
  ] as const)('means the session without a name, also where that %s', async (_, imports) => {
    const app = await startApp({ adapter, imports: imports(), controllers: [ShopController] });
    const visitor = app.visitor();
    await visitor.post('/login', '');
    expect((await visitor.get('/me')).text).toBe('ada');
  });
});
