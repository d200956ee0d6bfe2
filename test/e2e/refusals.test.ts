import { ConflictException, Controller, Get, Injectable, Post, UseGuards } from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  memoryStore,
  RequireSession,
  SessionCsrfGuard,
  SessionGuard,
  SkipSession,
  type Session,
} from 'nestjs-session-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cookieOf, type Question } from '../support/ask.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { startApp, type TestApp } from '../support/test-app.js';

@Injectable()
class RoleGuard extends SessionGuard {
  protected override isSatisfied(): boolean {
    return false;
  }
}

@Injectable()
class RedirectingGuard extends SessionGuard {
  protected override createException(): Error {
    return new ConflictException();
  }
}

@Controller()
class Pages {
  @Post('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
  }

  @Get('user')
  @UseGuards(SessionGuard)
  user() {}

  @Get('fresh')
  @UseGuards(SessionGuard)
  @RequireSession({ fresh: 60 })
  fresh() {}

  @Get('keys')
  @UseGuards(SessionGuard)
  @RequireSession({ keys: ['cart'] })
  keys() {}

  @Get('role')
  @UseGuards(RoleGuard)
  role() {}

  @Get('redirected')
  @UseGuards(RedirectingGuard)
  redirected() {}

  @Get('token')
  token(@CsrfToken() token: string) {
    return { token };
  }

  @Post('form')
  @UseGuards(SessionCsrfGuard)
  form() {}

  @Post('hook')
  @SkipSession()
  @UseGuards(SessionCsrfGuard)
  hook() {}
}

describe.each(ADAPTER_NAMES)('a client on %s', (adapter) => {
  const clock = new ShiftedClock();
  let app: TestApp;
  let ada: string;

  beforeAll(async () => {
    const session = { store: memoryStore() };
    app = await startApp({ adapter, session, controllers: [Pages], replace: [clock.replacement] });
    ada = cookieOf(await app.ask('/login', { method: 'POST' }));
    clock.ahead = 61;
  });

  async function refusal(path: string, { headers, ...question }: Question = {}) {
    const answer = await app.ask(path, { ...question, headers: { ...headers } });
    const { statusCode, code, message } = answer.body as Record<string, unknown>;
    return {
      status: answer.status,
      statusCode,
      code,
      message,
      challenge: answer.headers['www-authenticate'],
    };
  }

  it.each(['/user', '/fresh', '/keys'])('is told to log in where nobody is logged in: %s', async (path) => {
    expect(await refusal(path)).toEqual({
      status: 401,
      statusCode: 401,
      code: 'ERR_SESSION_REQUIRED',
      message: 'Log in first',
      challenge: 'Session error="login_required"',
    });
  });

  it('is told to log in again where the login is too long ago', async () => {
    expect(await refusal('/fresh', { headers: { cookie: ada } })).toEqual({
      status: 401,
      statusCode: 401,
      code: 'ERR_SESSION_NOT_FRESH',
      message: 'Log in again: the last login is too long ago for this',
      challenge: 'Session error="insufficient_user_authentication", max_age=60',
    });
  });

  it.each(['/keys', '/role'])('is told that the session lacks something: %s', async (path) => {
    expect(await refusal(path, { headers: { cookie: ada } })).toMatchObject({
      status: 401,
      code: 'ERR_SESSION_INSUFFICIENT',
      challenge: 'Session error="interaction_required"',
    });
  });

  it('gets no challenge with an exception that is no 401', async () => {
    expect(await refusal('/redirected')).toMatchObject({ status: 409, challenge: undefined });
  });

  it('is told that a CSRF token is missing, and where it goes', async () => {
    const found = await refusal('/form', { method: 'POST', headers: { cookie: ada } });
    expect(found).toMatchObject({ status: 403, statusCode: 403, code: 'ERR_CSRF_MISSING' });
    expect(found.message).toMatch(/x-csrf-token.*_csrf/);
  });

  it('gets one answer to every wrong CSRF token', async () => {
    const { token } = (await app.ask('/token', { headers: { cookie: ada } })).body as { token: string };
    const other = (await app.ask('/token')).body as { token: string };
    const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    const tries = [
      ['', { cookie: ada }],
      [changed, { cookie: ada }],
      [other.token, { cookie: ada }],
      [token, {}],
      [token, { cookie: `${ada}x` }],
    ] as const;
    const found = [];
    for (const [bad, cookies] of tries)
      found.push(await refusal('/form', { method: 'POST', headers: { ...cookies, 'x-csrf-token': bad } }));
    expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(found[0]).toMatchObject({ status: 403, code: 'ERR_CSRF_TOKEN' });
  });

  it('is told that another site sent what takes no token', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(await refusal('/hook', { method: 'POST', headers })).toMatchObject({
      status: 403,
      code: 'ERR_CSRF_CROSS_SITE',
    });
  });
});
