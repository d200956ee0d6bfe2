import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import type { TestApp } from '../support/test-app.js';
import { chromiumAbsent, startChromium } from './support/chromium.js';
import { PAGE, startDashboard } from './support/dashboard-app.js';
import { painted } from './support/sample-browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LONG = `a very long name, ${'without_a_blank_'.repeat(4)}`;

describe.skipIf(chromiumAbsent).each(ADAPTER_NAMES)('the dashboard in Chromium on %s', (adapter) => {
  let browser: Browser;
  let app: TestApp;

  beforeAll(async () => {
    [browser, app] = [await startChromium(), await startDashboard({}, { adapter })];
    for (const name of ['ada', 'ada', LONG]) await app.visitor().get(`/login/${encodeURIComponent(name)}`);
    await app.ask('/who', { headers: { cookie: 'sid=rubbish' } });
  });
  afterAll(() => browser?.close());

  async function open(options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage({ extraHTTPHeaders: { 'x-operator': 'grace' }, ...options });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(app.url + PAGE);
    return { page, complaints, requests };
  }

  const showDevices = async (page: Page, subject: string) => {
    await page.getByLabel('Subject').fill(subject);
    await page.getByRole('button', { name: 'Show devices' }).click();
    await page.getByText('Live sessions of').waitFor();
  };

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 390])
      it(`has nothing that axe objects to, and does not scroll sideways: ${colorScheme}, ${width} px`, async () => {
        const { page, complaints } = await open({ colorScheme, viewport: { width, height: 900 } });
        await showDevices(page, LONG);
        await page.getByText('As a table').click();
        await page.getByText('End all sessions of').first().click();
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
          0,
        );
        expect(complaints).toEqual([]);
        await page.close();
      });

  it('shows live figures by itself, and asks nobody else for anything', async () => {
    const { page, requests, complaints } = await open();
    await page.locator('#live.up').waitFor();
    await app.visitor().get('/login/mary');
    await page.locator('#counts', { hasText: /Logins\s*4/ }).waitFor({ timeout: 15_000 });
    expect(requests.filter((url) => !url.startsWith(app.url + PAGE))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('works by the keyboard alone', async () => {
    const { page } = await open();
    await painted(page);
    await page.getByLabel('Subject').focus();
    await page.keyboard.type('mary');
    expect(await page.getByLabel('Subject').inputValue()).toBe('mary');
    await page.keyboard.press('Enter');
    await page.getByText(/Live sessions of|No live session/).waitFor();
    const focused = 'document.activeElement.outerHTML';
    const seen: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      seen.push((await page.evaluate(focused)) as string);
    }
    expect(seen.join('\n')).toMatch(/<summary>As a table/);
    expect(seen.join('\n')).toMatch(/<button>Show devices/);
    await page.close();
  });

  it('works without JavaScript', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await showDevices(page, 'ada');
    const buttons = page.getByRole('button', { name: /^End the session of/ });
    expect(await buttons.count()).toBe(2);
    await buttons.first().click();
    await page.getByText('The session has ended.').waitFor();
    expect(await buttons.count()).toBe(1);
    await page.getByText('End all sessions of ada').first().click();
    await page.getByRole('button', { name: 'End all sessions of ada' }).click();
    await page.getByText('No live session has the subject').waitFor();
    await page.close();
  });
});
