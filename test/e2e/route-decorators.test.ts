import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  CacheLimiter,
  CurrentSession,
  memoryStore,
  ReadonlySession,
  RequireSession,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  SkipSession,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cookieOf } from '../support/ask.js';
import { SECRET, startApp, type TestApp } from '../support/test-app.js';

@Controller()
@SkipSession()
class Skipped {
  @Post('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
  }

  @Post('begin')
  begin(@CurrentSession() session: Session<{ visits: number }>) {
    session.set('visits', 1);
  }

  @Get('skipped/plain')
  plain() {}

  @Get('skipped/require')
  @RequireSession()
  require() {}

  @Get('skipped/require-any')
  @RequireSession({ subject: false })
  requireAny() {}

  @Get('skipped/readonly')
  @ReadonlySession()
  readonly() {}

  @Get('skipped/use')
  @UseSession({ touch: false })
  use() {}

  @Get('skipped/use-named')
  @UseSession('other')
  useNamed() {}

  @Get('skipped/cache')
  @CacheLimiter('public')
  cache() {}

  @Get('skipped/upper-skip')
  @SkipSession()
  @RequireSession()
  upperSkip() {}

  @Get('skipped/upper-require')
  @RequireSession()
  @SkipSession()
  upperRequire() {}
}

@Controller('anyone')
@RequireSession({ subject: false })
class Anyone {
  @Get('plain')
  plain() {}

  @Get('user')
  @RequireSession()
  user() {}

  @Get('fresh')
  @RequireSession({ fresh: 60 })
  fresh() {}

  @Get('skip')
  @SkipSession()
  skip() {}
}

@Controller('keys')
@RequireSession({ keys: ['cart'] })
class Keys {
  @Get('more')
  @RequireSession({ fresh: 60 })
  more() {}

  @Get('none')
  @RequireSession({ keys: [] })
  none() {}
}

@RequireSession({ keys: ['cart'] })
class Base {}

@Controller('derived')
@CacheLimiter('private')
class Derived extends Base {
  @Get()
  page() {}
}

@Controller('own-skip')
@SkipSession()
class SkippedBase extends Base {
  @Get()
  page() {}
}

@Controller('writable')
@ReadonlySession()
class Writable {
  @Get()
  page(@CurrentSession() session: Session<{ cart: string }>) {
    session.set('cart', 'full');
  }

  @Get('own')
  @UseSession({ readonly: false })
  own(@CurrentSession() session: Session<{ cart: string }>) {
    session.set('cart', 'full');
  }
}

@Controller('forms')
@SkipSession()
@UseGuards(SessionCsrfGuard)
class Forms {
  @Post('hook')
  hook() {}

  @Post('form')
  @RequireSession({ subject: false })
  form() {}
}

describe.each(ADAPTER_NAMES)('route decorators on %s', (adapter) => {
  let app: TestApp;
  let ada: string;

  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [
        SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore() }),
        SessionCryptoModule.forRoot({ name: 'other', crypto: { secrets: [SECRET] }, store: memoryStore() }),
      ],
      controllers: [Skipped, Anyone, Keys, Derived, SkippedBase, Writable, Forms],
      providers: [{ provide: APP_GUARD, useClass: SessionGuard }],
    });
    ada = cookieOf(await app.ask('/login', { method: 'POST' }));
  });

  const enter = async (path: string, cookie = '') =>
    (await app.ask(path, { headers: { ...(cookie && { cookie }) } })).status;

  it.each([
    ['/skipped/plain', 200],
    ['/skipped/cache', 200],
    ['/skipped/upper-skip', 200],
    ['/skipped/upper-require', 401],
    ['/skipped/require', 401],
    ['/skipped/require-any', 401],
    ['/skipped/readonly', 401],
    ['/skipped/use', 401],
    ['/skipped/use-named', 401],
    ['/own-skip', 200],
  ])('of a handler win over @SkipSession() of its class: %s answers %d', async (path, status) => {
    expect(await enter(path)).toBe(status);
  });

  it.each(['/skipped/require', '/skipped/upper-require', '/skipped/readonly', '/skipped/use'])(
    'of a handler admit a user where its class skips sessions: %s',
    async (path) => {
      expect(await enter(path, ada)).toBe(200);
    },
  );

  it.each(['/anyone/user', '/anyone/fresh'])('ask for a user unless they say otherwise: %s', async (path) => {
    const begun = cookieOf(await app.ask('/begin', { method: 'POST' }));
    expect(await enter('/anyone/plain', begun)).toBe(200);
    expect(await enter('/anyone/plain')).toBe(401);
    expect(await enter('/anyone/skip')).toBe(200);
    expect(await enter(path, begun)).toBe(401);
    expect(await enter(path, ada)).toBe(200);
  });

  it('keep what the class asks for in addition, until the handler says otherwise', async () => {
    const fresh = cookieOf(await app.ask('/login', { method: 'POST' }));
    expect(await enter('/keys/more', fresh)).toBe(401);
    expect(await enter('/keys/none', fresh)).toBe(200);
  });

  it('keep what the class asks for that theirs extends', async () => {
    const fresh = cookieOf(await app.ask('/login', { method: 'POST' }));
    expect(await enter('/derived', fresh)).toBe(401);
  });

  it('of a handler make a session writable that those of its class make read-only', async () => {
    expect(await enter('/writable', ada)).toBe(500);
    expect(await enter('/writable/own', ada)).toBe(200);
  });

  it.each<{ headers: Record<string, string>; hook: number; form: number }>([
    { headers: {}, hook: 201, form: 403 },
    { headers: { 'sec-fetch-site': 'same-origin' }, hook: 201, form: 201 },
    { headers: { 'sec-fetch-site': 'none' }, hook: 201, form: 201 },
    { headers: { 'sec-fetch-site': 'cross-site' }, hook: 403, form: 403 },
    { headers: { 'sec-fetch-site': 'same-site' }, hook: 403, form: 403 },
    { headers: { origin: 'https://evil.example' }, hook: 403, form: 403 },
    { headers: { origin: 'null' }, hook: 403, form: 403 },
    { headers: { 'x-csrf-token': 'a', 'sec-fetch-site': 'cross-site' }, hook: 403, form: 403 },
  ])('leave SessionCsrfGuard its headers: $headers', async ({ headers, hook, form }) => {
    const ask = (path: string) => app.ask(path, { method: 'POST', headers: { cookie: ada, ...headers } });
    expect((await ask('/forms/hook')).status).toBe(hook);
    expect((await ask('/forms/form')).status).toBe(form);
  });
});
