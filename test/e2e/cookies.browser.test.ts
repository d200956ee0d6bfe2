import { Controller, Get, Param } from '@nestjs/common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  type CookieOptions,
  type Session,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { startApp, type TestApp } from '../support/test-app.js';
import { chromiumAbsent, startChromium } from './support/chromium.js';

/** Two hosts of one site. Plain http to them counts as local. */
const APP = 'app.example.localhost';
const NEIGHBOUR = 'other.example.localhost';

@Controller()
class VisitController {
  @Get('begin')
  begin(@CurrentSession() session: Session) {
    session.set('begun', true);
    return 'begun';
  }

  @Get(['who', 'shop/who'])
  who(@CurrentSession() session: Session) {
    return session.subject ?? 'nobody';
  }

  @Get(['login/:name', 'shop/login/:name'])
  async login(@CurrentSession() session: Session, @Param('name') name: string) {
    await session.login(name);
    return 'done';
  }

  @Get('shop/logout')
  async logout(@CurrentSession() session: Session) {
    await session.logout();
    return 'done';
  }
}

describe.skipIf(chromiumAbsent)('the session cookie in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  describe('beside a host of the same site that sets 250 cookies', () => {
    const RUNS = 6;
    let neighbour: Server;
    let flood: string;

    beforeAll(async () => {
      const lines = Array.from({ length: 250 }, (_, i) => `n${i}=1; Path=/`);
      neighbour = createServer((_request, response) => {
        response.writeHead(200, { 'Set-Cookie': lines, 'Content-Type': 'text/html' }).end('<p>neighbour');
      });
      await new Promise<void>((resolve) => neighbour.listen(0, '127.0.0.1', resolve));
      flood = `http://${NEIGHBOUR}:${(neighbour.address() as AddressInfo).port}/`;
    });
    afterAll(() => neighbour?.close());

    /** Of {@link RUNS} visitors, the number whose session cookie is still there after a visit to the neighbour. */
    async function survivors(cookie: CookieOptions): Promise<number> {
      const app = await startApp({
        session: { cookie, store: memoryStore() },
        controllers: [VisitController],
      });
      const url = `http://${APP}:${app.port}/begin`;
      let survived = 0;
      for (let run = 0; run < RUNS; run++) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(url);
        expect(await context.cookies(url)).toHaveLength(1);
        await page.goto(flood);
        survived += (await context.cookies(url)).length;
        await context.close();
      }
      return survived;
    }

    it('stays with the default priority, each of six times', async () => {
      expect(await survivors({})).toBe(RUNS);
    });

    it('is removed with the priority of a cookie that names none, each of six times', async () => {
      expect(await survivors({ priority: 'medium' })).toBe(0);
    });
  });

  const combinations = ADAPTER_NAMES.flatMap((adapter) =>
    [memoryStore, cookieStore].map((store) => ({ adapter, store, name: store.name })),
  );

  describe.each(combinations)('at two places, on $adapter with $name', ({ adapter, store: make }) => {
    const clock = new ShiftedClock();
    let store: NonNullable<SessionCryptoOptions['store']>;
    let context: BrowserContext;
    let page: Page;

    beforeEach(async () => {
      clock.ahead = 0;
      store = make();
      context = await browser.newContext();
      page = await context.newPage();
    });
    afterEach(() => context.close());

    /** The same application under other cookie options. Browsers do not tell ports apart. */
    const start = (cookie: CookieOptions) =>
      startApp({
        adapter,
        session: { store, cookie, session: { onReuse: 'end' } },
        controllers: [VisitController],
        replace: [clock.replacement],
      });
    const visit = async (app: TestApp, path: string, host = APP) => {
      await page.goto(`http://${host}:${app.port}${path}`);
      return page.locator('body').textContent();
    };
    const cookies = () => context.cookies(`http://${APP}/shop/who`);

    it.each<{ place: string; before: CookieOptions; host: string }>([
      { place: 'another path', before: { path: '/shop' }, host: APP },
      { place: 'another path with a slash', before: { path: '/shop/' }, host: APP },
      { place: 'the domain of the host', before: { domain: APP }, host: APP },
      { place: 'the domain of a neighbour', before: { domain: 'example.localhost' }, host: NEIGHBOUR },
      {
        place: 'the domain and path of a neighbour',
        before: { domain: 'example.localhost', path: '/shop' },
        host: NEIGHBOUR,
      },
    ])('with two sessions, the other at $place, give nobody until a login', async ({ before, host }) => {
      await visit(await start(before), '/shop/login/ada', host);
      const app = await start({});
      if (before.path)
        await visit(app, '/login/bob'); // there the browser does not bring the other cookie
      else await plantSecond(context, app);
      expect(await cookies()).toHaveLength(2);
      expect(await visit(app, '/shop/who')).toBe('nobody');
      expect(await cookies()).toHaveLength(2);
      await visit(app, '/shop/login/cleo');
      expect(await cookies()).toHaveLength(1);
      expect(await visit(app, '/shop/who')).toBe('cleo');
      expect(await visit(app, '/who')).toBe('cleo');
    });

    it('with one session after a changed path, keep it, and a logout ends it', async () => {
      await visit(await start({ path: '/shop' }), '/shop/login/ada');
      const app = await start({});
      clock.ahead = 1000;
      for (const _ of 'twice') expect(await visit(app, '/shop/who')).toBe('ada');
      expect(await visit(app, '/who')).toBe('ada');
      clock.ahead = 1100;
      for (const _ of 'twice') expect(await visit(app, '/shop/who')).toBe('ada');
      expect(app.seen('reused')).toEqual([]);
      await visit(app, '/shop/logout');
      expect(await visit(app, '/shop/who')).toBe('nobody');
      expect(await visit(app, '/who')).toBe('nobody');
    });
  });
});

/** Adds a second session's cookie, host-only at `/`, which the application makes for a browser without cookies. */
async function plantSecond(context: BrowserContext, app: TestApp): Promise<void> {
  const [pair] = (await app.ask('/login/bob')).cookies[0]!.split(';');
  const [name, value] = pair!.split('=');
  await context.addCookies([{ name: name!, value: value!, url: `http://${APP}/` }]);
}
