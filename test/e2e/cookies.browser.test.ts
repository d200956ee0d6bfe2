import { Controller, Get } from '@nestjs/common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CurrentSession, memoryStore, type CookieOptions, type Session } from 'nestjs-session-crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../support/test-app.js';
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
});
