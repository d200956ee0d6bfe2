import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CsrfToken,
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  SessionCsrfGuard,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { everyPlace } from '../support/places.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { SECRET, startApp, type SessionPlan, type TestApp } from '../support/test-app.js';
import type { Visitor } from '../support/visitor.js';

@Controller()
class FormController {
  @Get(['form', 'short/form'])
  form(@CsrfToken() token: string) {
    return { token };
  }

  @Post(['form', 'short/form'])
  @UseGuards(SessionCsrfGuard)
  take() {
    return 'taken';
  }

  @Post('login')
  login(@CurrentSession() session: Session) {
    return session.login('ada');
  }

  @Post('regenerate')
  regenerate(@CurrentSession() session: Session) {
    return session.regenerate();
  }
}

@Controller('staff')
@UseSession('staff')
class StaffController extends FormController {}

const tokenOf = async (visitor: Visitor, path = '/form') =>
  ((await visitor.get(path)).body as { token: string }).token;

const codeOf = async (visitor: Visitor, token: string, path = '/form') => {
  const { status, body } = await visitor.send('POST', path, { headers: { 'x-csrf-token': token } });
  return status === 201 ? 'taken' : `${status} ${(body as { code?: string }).code}`;
};

const REFUSED = '403 ERR_CSRF_TOKEN';
const places = everyPlace();
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  places.map((place) => [adapter, place.name, place] as const),
);

describe.each(combinations)('a CSRF token on %s with the %s store', (adapter, _, place) => {
  const clock = new ShiftedClock();
  let app: TestApp;
  let visitor: Visitor;

  const start = async (session: SessionPlan = {}) =>
    startApp({
      adapter,
      session: {
        ...(await place.options()),
        session: { idleTimeout: 0, absoluteTimeout: 0, regenerateInterval: 0 },
        ...session,
      },
      controllers: [FormController],
      replace: [clock.replacement],
    });

  beforeEach(async () => {
    clock.ahead = 0;
    app = await start();
    visitor = app.visitor();
  });

  it('is accepted for two hours, while each page has a new one', async () => {
    const token = await tokenOf(visitor);
    clock.ahead = 7100;
    expect(await codeOf(visitor, token)).toBe('taken');
    const next = await tokenOf(visitor);
    clock.ahead = 7210;
    expect(await codeOf(visitor, token)).toBe(REFUSED);
    expect(await codeOf(visitor, next)).toBe('taken');
  });

  it('is accepted from a server whose clock is a minute ahead, and no more', async () => {
    const before = await tokenOf(visitor);
    const ahead: Record<number, string> = {};
    for (const seconds of [50, 70]) {
      clock.ahead = seconds;
      ahead[seconds] = await tokenOf(visitor);
    }
    clock.ahead = 0;
    expect(await codeOf(visitor, ahead[50]!)).toBe('taken');
    expect(await codeOf(visitor, ahead[70]!)).toBe(REFUSED);
    expect(await codeOf(visitor, before)).toBe('taken');
  });

  it('stays good through a new id, and ends with a login', async () => {
    const token = await tokenOf(visitor);
    await visitor.post('/regenerate', '');
    expect(await codeOf(visitor, token)).toBe('taken');
    await visitor.post('/login', '');
    expect(await codeOf(visitor, token)).toBe(REFUSED);
    expect(await codeOf(visitor, await tokenOf(visitor))).toBe('taken');
  });

  it('counts in its own session only, whatever its time says', async () => {
    const other = app.visitor();
    const token = await tokenOf(other);
    await tokenOf(visitor);
    expect(await codeOf(visitor, token)).toBe(REFUSED);
    const renewed = Buffer.from(token, 'base64url');
    renewed.writeUInt32BE(renewed.readUInt32BE() + 1);
    expect(await codeOf(other, renewed.toString('base64url'))).toBe(REFUSED);
    expect(await codeOf(other, token)).toBe('taken');
  });
});

describe.each(ADAPTER_NAMES)('the option csrf.lifetime on %s', (adapter) => {
  const clock = new ShiftedClock();
  beforeEach(() => void (clock.ahead = 0));

  it('counts for the paths of its context', async () => {
    const session = {
      store: memoryStore(),
      csrf: { lifetime: 3600 },
      contexts: [{ path: '/short', csrf: { lifetime: 300 } }],
    };
    const plan = { adapter, session, controllers: [FormController], replace: [clock.replacement] };
    const visitor = (await startApp(plan)).visitor();
    const token = await tokenOf(visitor);
    clock.ahead = 290;
    expect(await codeOf(visitor, token, '/short/form')).toBe('taken');
    clock.ahead = 310;
    expect(await codeOf(visitor, token, '/short/form')).toBe(REFUSED);
    expect(await codeOf(visitor, token)).toBe('taken');
  });

  it('leaves the tokens of two named sessions apart', async () => {
    const crypto = { secrets: [SECRET] };
    const app = await startApp({
      adapter,
      imports: [
        SessionCryptoModule.forRoot({ crypto }),
        SessionCryptoModule.forRoot({ name: 'staff', crypto, csrf: { lifetime: 300 } }),
      ],
      controllers: [FormController, StaffController],
    });
    const visitor = app.visitor();
    const [shop, staff] = [await tokenOf(visitor), await tokenOf(visitor, '/staff/form')];
    expect(await codeOf(visitor, shop)).toBe('taken');
    expect(await codeOf(visitor, staff, '/staff/form')).toBe('taken');
    expect(await codeOf(visitor, staff)).toBe(REFUSED);
    expect(await codeOf(visitor, shop, '/staff/form')).toBe(REFUSED);
  });

  it('lets no token of another audience in, though the keys are the same', async () => {
    const start = (audience: string) =>
      startApp({
        adapter,
        session: { crypto: { secrets: [SECRET], audience } },
        controllers: [FormController],
      });
    const [shop, forum] = [await start('shop'), await start('forum')];
    const there = shop.visitor();
    const token = await tokenOf(there);
    const here = forum.visitor();
    await tokenOf(here);
    expect(await codeOf(here, token)).toBe(REFUSED);
    expect(await codeOf(there.copy(forum.url), token)).toBe(REFUSED);
  });
});
