import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  getSessionClockToken,
  memoryStore,
  RequireSession,
  SessionCryptoModule,
  SessionGuard,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { readSession, sessionCookie, TestClock } from 'nestjs-session-crypto/testing';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { everyPlace } from '../support/places.js';
import { SECRET, startApp, type AppPlan, type SessionPlan, type TestApp } from '../support/test-app.js';

type Shop = Session<{ cart: string; n: string }>;

@Controller()
class ShopController {
  @Get(['me', 'admin/me'])
  me(@CurrentSession() session: Shop) {
    return { subject: session.subject ?? null, data: session.all() };
  }

  @Post(['cart', 'admin/cart'])
  add(@CurrentSession() session: Shop) {
    session.set('cart', 'tea');
  }

  @Get('account')
  @UseGuards(SessionGuard)
  @RequireSession({ fresh: 900 })
  account() {
    return 'yours';
  }

  @Post('logout')
  logout(@CurrentSession() session: Shop) {
    return session.logout();
  }
}

@Controller('staff')
@UseSession('staff')
class StaffController extends ShopController {}

const places = everyPlace();
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  places.map((place) => [adapter, place.name, place] as const),
);

const start = (adapter: AdapterName, plan: Partial<AppPlan>) =>
  startApp({ adapter, controllers: [ShopController], ...plan });

const ask = (app: TestApp, path: string, cookie: string, method = 'GET', more: object = {}) =>
  fetch(app.url + path, { method, headers: { cookie, ...more } });

const meOf = async (app: TestApp, cookie: string, path = '/me') => (await ask(app, path, cookie)).json();

describe.each(combinations)('sessionCookie and readSession on %s with the %s store', (adapter, _, place) => {
  const clock = new TestClock();
  let app: TestApp;

  beforeEach(async () => {
    const replace = [[getSessionClockToken(), clock.read]] as const;
    app = await start(adapter, { session: await place.options(), replace });
  });

  it('give a logged-in session with data', async () => {
    const cookie = await sessionCookie(app.app, { subject: 'ada', data: { n: '1', cart: undefined } });
    expect(await meOf(app, cookie)).toEqual({ subject: 'ada', data: { n: '1' } });
    expect((await ask(app, '/account', cookie)).status).toBe(200);
  });

  it('give a visitor with data who is nobody', async () => {
    const cookie = await sessionCookie(app.app, { data: { n: '1' } });
    expect(await meOf(app, cookie)).toEqual({ subject: null, data: { n: '1' } });
    expect((await ask(app, '/account', cookie)).status).toBe(401);
  });

  it('give a session of an age, and one that has ended', async () => {
    const old = await sessionCookie(app.app, { subject: 'ada', age: 1000 });
    const refused = await ask(app, '/account', old);
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'ERR_SESSION_NOT_FRESH' }]);
    const idle = sessionCookie(app.app, { subject: 'ada', idle: 1500 });
    if (place.name === 'shared PHP file') await expect(idle).rejects.toThrow('advance a TestClock');
    else expect(await meOf(app, await idle)).toMatchObject({ subject: null });
  });

  it('end with the clock of the test', async () => {
    const cookie = await sessionCookie(app.app, { subject: 'ada' });
    clock.advance(1300);
    expect(await meOf(app, cookie)).toMatchObject({ subject: 'ada' });
    clock.advance(2900);
    expect(await meOf(app, cookie)).toMatchObject({ subject: null });
  });

  it('read what a response has stored, begun or changed, and that it has ended', async () => {
    const begun = await ask(app, '/cart', '', 'POST');
    expect((await readSession<{ cart: string }>(app.app, begun))!.get('cart')).toBe('tea');
    const cookie = await sessionCookie(app.app, { subject: 'ada', data: { n: '1' } });
    const changed = await ask(app, '/cart', cookie, 'POST');
    const session = (await readSession<{ cart: string; n: string }>(app.app, changed, { cookie }))!;
    expect([session.subject, session.all()]).toEqual(['ada', { n: '1', cart: 'tea' }]);
    const ended = await ask(app, '/logout', cookie, 'POST');
    expect(await readSession(app.app, ended, { cookie })).toBe(undefined);
    expect(await readSession(app.app, ended.headers.getSetCookie())).toBe(undefined);
  });

  it('refuse a value that no session can hold', async () => {
    const wrong = { data: { born: new Date(0) } };
    await expect(sessionCookie(app.app, wrong)).rejects.toThrow('born is a Date');
    await expect(sessionCookie(app.app, { subject: '' })).rejects.toThrow('The subject');
  });
});

describe.each(ADAPTER_NAMES)('sessionCookie on %s', (adapter) => {
  it('works over a secure connection', async () => {
    const app = await start(adapter, { session: { store: memoryStore() }, trustProxy: true });
    const cookie = await sessionCookie(app.app, { subject: 'ada', url: 'https://shop.example/' });
    expect(cookie).toMatch(/^__Host-sid=/);
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.0.0.1' };
    const response = await ask(app, '/cart', cookie, 'POST', headers);
    expect((await readSession(app.app, response, { cookie, url: 'https://shop.example/' }))!.subject).toBe(
      'ada',
    );
    const begun = await ask(app, '/cart', '', 'POST', headers);
    expect((await readSession(app.app, begun))!.all()).toEqual({ cart: 'tea' });
  });

  it('gives the session of a name, and of a context', async () => {
    const crypto = { secrets: [SECRET] };
    const contexts = [
      { path: '/admin', cookie: { name: 'admin', path: '/admin' }, session: { idleTimeout: 60 } },
    ];
    const app = await start(adapter, {
      imports: [
        SessionCryptoModule.forRoot({ crypto, store: cookieStore(), contexts }),
        SessionCryptoModule.forRoot({ name: 'staff', crypto, store: memoryStore() }),
      ],
      controllers: [ShopController, StaffController],
    });
    const staff = await sessionCookie(app.app, { name: 'staff', subject: 'eve' });
    const admin = await sessionCookie(app.app, { url: '/admin/me', subject: 'bob' });
    const all = `${await sessionCookie(app.app, { subject: 'ada' })}; ${staff}; ${admin}`;
    const seen = [];
    for (const path of ['/me', '/staff/me', '/admin/me']) seen.push(await meOf(app, all, path));
    expect(seen).toMatchObject([{ subject: 'ada' }, { subject: 'eve' }, { subject: 'bob' }]);
    const response = await ask(app, '/admin/cart', all, 'POST');
    expect((await readSession(app.app, response, { cookie: all }))!.subject).toBe('bob');
    const ofStaff = await readSession(app.app, response, { cookie: all, name: 'staff' });
    expect(ofStaff!.subject).toBe('eve');
  });

  it('says why there is no cookie', async () => {
    const app = await start(adapter, {
      session: { store: memoryStore(), session: { exclude: ['/health'] } },
    });
    const failed = (options: object) => sessionCookie(app.app, { subject: 'ada', ...options });
    await expect(failed({ url: '/health' })).rejects.toThrow('Sessions are off at /health');
    await expect(failed({ name: 'staff' })).rejects.toThrow('no session "staff"; it has "default"');
    await expect(failed({ url: 'http://shop.example/' })).rejects.toThrow(
      'pass url: "https://shop.example/"',
    );
    await expect(sessionCookie(app.app)).rejects.toThrow('An empty session is never stored');
    await expect(readSession(app.app, 5 as never)).rejects.toThrow('This is no response');
    const header = await start(adapter, {
      session: { store: memoryStore(), id: { sources: ['header'] } },
    });
    await expect(sessionCookie(header.app, { subject: 'ada' })).rejects.toThrow('id.sources has no "cookie"');
  });
});

describe('readSession', () => {
  it('refuses headers that show the Set-Cookie lines joined alone, as those of node-fetch 2', async () => {
    const app = await start('express', { session: { store: memoryStore() } });
    const headersWith = (line: string | null) => ({
      get: (name: string) => (name === 'set-cookie' ? line : null),
    });
    const joined = readSession(app.app, { headers: headersWith('sid=a; Path=/, theme=b') });
    await expect(joined).rejects.toThrow('pass the lines in place of the response');
    expect(await readSession(app.app, { headers: headersWith(null) })).toBe(undefined);
  });

  it('takes a request with the Secure cookie for one over a secure connection', async () => {
    const app = await start('express', { session: { store: memoryStore() }, trustProxy: true });
    const cookie = await sessionCookie(app.app, { subject: 'ada', url: 'https://shop.example/' });
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.0.0.1' };
    const response = await ask(app, '/me', cookie, 'GET', headers);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect((await readSession(app.app, response, { cookie }))!.subject).toBe('ada');
  });

  it.each([
    ['id.sources has no cookie', { id: { sources: ['header'] } }, {}, 'id.sources has no "cookie"'],
    ['sessions are off', { session: { exclude: ['/me'] } }, { url: '/me' }, 'Sessions are off at /me'],
    ['sessions are off everywhere', { session: { enabled: false } }, {}, 'Sessions are off at /'],
    ['no cookie may be sent', {}, { url: 'http://shop.example/me' }, 'pass url: "https://shop.example/"'],
  ] as const)('refuses to call anybody logged out where %s', async (_, session, options, said) => {
    const app = await start('express', { session: { store: memoryStore(), ...session } as SessionPlan });
    const response = await ask(app, '/me', 'sid=x');
    await expect(readSession(app.app, response, { cookie: 'sid=x', ...options })).rejects.toMatchObject({
      code: 'ERR_SESSION_UNSUPPORTED',
      message: expect.stringContaining(said) as string,
    });
  });

  it('knows the request of inject()', async () => {
    const app = await start('fastify', { session: { store: memoryStore() } });
    const nest = app.app as NestFastifyApplication;
    const headers = { cookie: await sessionCookie(nest, { subject: 'ada' }) };
    const response = await nest.inject({ method: 'POST', url: '/cart', headers });
    const session = (await readSession<{ cart: string }>(nest, response))!;
    expect([session.subject, session.get('cart')]).toEqual(['ada', 'tea']);
  });
});
