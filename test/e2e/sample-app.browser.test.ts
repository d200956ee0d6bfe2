import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumAbsent, startChromium } from './support/chromium.js';
import { layoutFaults } from './support/page-faults.js';
import { startSample, temporaryFolder, type RunningSample } from './support/sample-app.js';
import { logIn } from './support/sample-browser.js';

describe.skipIf(chromiumAbsent)('the sample app in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  describe.each([
    { scheme: 'http', ADAPTER: 'express', SESSION_STORE: 'postgres', name: 'sid' },
    { scheme: 'http', ADAPTER: 'fastify', SESSION_STORE: 'cookie', name: 'sid' },
    { scheme: 'https', ADAPTER: 'express', SESSION_STORE: 'cookie', name: '__Host-sid' },
    { scheme: 'https', ADAPTER: 'fastify', SESSION_STORE: 'postgres', name: '__Host-sid' },
  ])('over $scheme on $ADAPTER with SESSION_STORE=$SESSION_STORE', ({ scheme, name, ...env }) => {
    let tls: Awaited<ReturnType<typeof makeCertificate>> | undefined;
    let sample: RunningSample;
    let context: BrowserContext;
    let page: Page;

    beforeAll(async () => {
      tls = scheme === 'https' ? await makeCertificate() : undefined;
      sample = await startSample({ ...env, ...tls?.env });
    });
    afterAll(async () => {
      await sample?.close();
      await tls?.remove();
    });
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

    it('shows pages 390 pixels wide without squeezing or breaking what belongs together', async () => {
      await page.setViewportSize({ width: 390, height: 800 });
      await page.goto('/cart');
      await page.getByRole('button', { name: '+1 Sealing wax' }).click();
      for (const path of ['/', '/cart', '/devices', '/admin', '/nowhere', '/login']) {
        await page.goto(path);
        expect(await layoutFaults(page), path).toEqual([]);
      }
    });

    it('names the browser among the devices', async () => {
      await page.goto('/devices');
      const text = env.SESSION_STORE === 'postgres' ? 'Chrome on Linux' : 'There is no list to show';
      await page.getByText(text).first().waitFor();
    });

    it('needs no script: the form keeps a name whose password was wrong', async () => {
      const plain = await browser.newContext({
        baseURL: new URL(page.url()).origin,
        javaScriptEnabled: false,
        ignoreHTTPSErrors: true,
      });
      const form = await plain.newPage();
      await form.goto('/login');
      await form.getByLabel('Name').fill('grace');
      await form.getByLabel('Password').fill('analytical-engine');
      await form.getByRole('button', { name: 'Log in' }).click();
      expect(await form.getByRole('alert').textContent()).toContain('No user has this name');
      expect(await form.getByLabel('Name').inputValue()).toBe('grace');
      expect(await form.getByLabel('Password').inputValue()).toBe('');
      await form.getByLabel('Password').fill('nanoseconds');
      await form.getByRole('button', { name: 'Log in' }).click();
      await form.getByText('Hello, Grace.').waitFor();
      await plain.close();
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

/** A key and a certificate for localhost that nobody vouches for, and the variables that name their files. */
async function makeCertificate() {
  const { folder, remove } = await temporaryFolder();
  const env = { TLS_KEY: join(folder, 'key.pem'), TLS_CERT: join(folder, 'cert.pem') };
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', env.TLS_KEY, '-out', env.TLS_CERT];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' });
  return { env, remove };
}
