import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tls } from '../../sample-app/config/server.js';
import { startSample, temporaryFolder, type RunningSample } from './support/sample-app.js';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const OFFLINE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const absent = !existsSync(CHROMIUM);
if (absent) console.log(`skipped: the sample app in a real browser; there is no ${CHROMIUM}`);

describe.skipIf(absent)('the sample app in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...OFFLINE] });
  });
  afterAll(() => browser?.close());

  describe.each([
    { scheme: 'http', ADAPTER: 'express', SESSION_STORE: 'postgres', name: 'sid' },
    { scheme: 'http', ADAPTER: 'fastify', SESSION_STORE: 'cookie', name: 'sid' },
    { scheme: 'https', ADAPTER: 'express', SESSION_STORE: 'cookie', name: '__Host-sid' },
    { scheme: 'https', ADAPTER: 'fastify', SESSION_STORE: 'postgres', name: '__Host-sid' },
  ])('over $scheme on $ADAPTER with SESSION_STORE=$SESSION_STORE', ({ scheme, name, ...env }) => {
    let sample: RunningSample;
    let context: BrowserContext;
    let page: Page;

    beforeAll(async () => {
      sample = await startSample(env, scheme === 'https' ? await makeCertificate() : undefined);
    });
    afterAll(() => sample?.close());
    beforeEach(async () => {
      const baseURL = `${scheme}://localhost:${sample.port}`;
      context = await browser.newContext({ baseURL, ignoreHTTPSErrors: true });
      page = await context.newPage();
      await logIn(page);
    });
    afterEach(() => context?.close());

    it(`holds one cookie, ${name}, out of reach of scripts and for this host only`, async () => {
      const secure = scheme === 'https';
      const expected = {
        name,
        secure,
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        domain: 'localhost',
        expires: -1,
      };
      const cookies = await context.cookies();
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatchObject(expected);
      expect(await page.evaluate('document.cookie')).toBe('');
    });

    it('fills the cart and empties it', async () => {
      await page.goto('/cart');
      const count = page.locator('#count-wax');
      const row = page.locator('li', { has: count });
      await row.getByRole('button', { name: '+' }).click();
      await row.getByRole('button', { name: '+' }).click();
      await row.getByRole('button', { name: '−' }).click();
      expect(await count.textContent()).toBe('1');
      expect(await page.locator('#total').textContent()).toBe('€ 12.00');
      expect(new URL(page.url()).pathname).toBe('/cart');
    });

    it('loads no page with a broken style or a refused resource', async () => {
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      for (const path of ['/', '/cart', '/devices', '/admin', '/login']) await page.goto(path);
      expect(complaints).toEqual([]);
      expect(await page.locator('.bar rect').count()).toBeGreaterThan(3);
    });

    it('holds nothing after log out', async () => {
      await page.getByRole('button', { name: 'Log out', exact: true }).first().click();
      await page.getByText('You are logged out').waitFor();
      expect(await context.cookies()).toEqual([]);
      await page.goto('/admin');
      expect(new URL(page.url()).pathname).toBe('/login');
    });
  });
});

async function logIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('analytical-engine');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Hello, Ada.').waitFor();
}

/** A key and a certificate for localhost that nobody vouches for. */
async function makeCertificate(): Promise<Tls> {
  const { folder, remove } = await temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  await remove();
  return tls;
}
