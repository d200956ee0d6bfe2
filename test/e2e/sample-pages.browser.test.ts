import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent, startChromium } from './support/chromium.js';
import { pageFaults } from './support/page-faults.js';
import { startSample, type RunningSample } from './support/sample-app.js';
import { logIn, painted, sealNote, VIEWS, type View } from './support/sample-browser.js';

/** Twenty pages, each of which axe-core reads. */
const LONG = { timeout: 180_000 };

const PAGES = [
  '/',
  '/cart',
  '/devices',
  '/sealing',
  '/sealing/opened',
  '/sealing/refused',
  '/sealing/rotated',
  '/admin',
  '/ops',
  '/ops?session=demo',
  '/nowhere',
];

describe.skipIf(chromiumAbsent).each(['express', 'fastify'])(
  'the pages of the sample app on %s',
  (ADAPTER) => {
    let browser: Browser;
    let sample: RunningSample;
    let context: BrowserContext;

    beforeAll(async () => {
      browser = await startChromium();
      sample = await startSample({ ADAPTER });
    });
    afterAll(async () => {
      await browser?.close();
      await sample?.close();
    });
    afterEach(() => context?.close());

    async function open(view: Partial<View> & { javaScriptEnabled?: boolean } = {}): Promise<Page> {
      context = await browser.newContext({ baseURL: `http://localhost:${sample.port}`, ...view });
      return context.newPage();
    }

    it.each(VIEWS)('have no fault in $colorScheme at $viewport.width pixels', LONG, async (view) => {
      const page = await open(view);
      await page.goto('/login');
      expect(await pageFaults(page), '/login').toEqual([]);
      await logIn(page);
      await page.goto('/sealing');
      expect(await pageFaults(page), 'nothing sealed').toEqual([]);
      await sealNote(page, 'Six sticks of vermilion');
      for (const path of PAGES) {
        await page.goto(path);
        expect(await pageFaults(page), path).toEqual([]);
      }
      await page.goto('/ops');
      await page.getByLabel('Subject').fill('ada');
      await page.getByRole('button', { name: 'Show devices' }).click();
      await page.getByText('Live sessions of ada').waitFor();
      expect(await pageFaults(page), 'devices of ada').toEqual([]);
      await page.goto('/sealing/refused');
      for (const label of ['Cut it', 'Seal with another key', 'Change nothing']) {
        await page.getByRole('button', { name: `Try: ${label}` }).click();
        await page.getByRole('status').waitFor();
        expect(await pageFaults(page), label).toEqual([]);
      }
    });

    it('load nothing that their Content-Security-Policy refuses', async () => {
      const page = await open();
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('request', (request) => {
        if (new URL(request.url()).port !== String(sample.port)) complaints.push(request.url());
      });
      await logIn(page);
      await sealNote(page, 'Six sticks of vermilion');
      for (const path of PAGES.filter((one) => one !== '/nowhere')) await page.goto(path);
      expect(complaints).toEqual([]);
    });

    it('need no script to seal, to cheat, and to change a key', async () => {
      const page = await open({ javaScriptEnabled: false });
      await logIn(page);
      await sealNote(page, 'Six sticks of vermilion');
      await page.getByRole('link', { name: 'Open it' }).click();
      expect(await page.locator('.checks .passed').count()).toBe(9);
      await page.getByRole('link', { name: 'Try to cheat' }).click();
      await page.locator('select').selectOption('nonce');
      await page.getByRole('button', { name: 'Try: Flip a bit' }).click();
      await page.getByText('No session.', { exact: true }).waitFor();
      expect(await page.locator('mark').count()).toBe(1);
      await page.getByRole('link', { name: 'Change the keys' }).click();
      for (const label of ['Append a new key', 'Promote it', 'Drop the old key'])
        await page.getByRole('button', { name: `Do it: ${label}` }).click();
      await page.getByText('The operator sees: unknown-key').waitFor();
      expect(await page.locator('.badge').allTextContents()).toEqual(['opened', 'refused']);
    });

    it('are used by the keyboard alone', async () => {
      const page = await open();
      await page.goto('/login');
      await painted(page);
      await page.keyboard.type('ada'); // the field for the name has the focus
      expect(await page.getByLabel('Name').inputValue()).toBe('ada');
      await page.keyboard.press('Tab');
      await page.keyboard.type('analytical-engine');
      await page.keyboard.press('Enter');
      await page.getByText('Hello, Ada.').waitFor();
      await follow(page, 'Sealing');
      await focus(page, 'Seal it');
      await page.keyboard.press('Enter');
      await page.getByText('What your browser holds').waitFor();
      await follow(page, 'Refused');
      await focus(page, 'Try: Cut it');
      await page.keyboard.press('Space');
      await page.getByText('No session.', { exact: true }).waitFor();
    });
  },
);

const follow = async (page: Page, name: string): Promise<void> => {
  await focus(page, name);
  const left = page.url();
  await page.keyboard.press('Enter');
  await page.waitForURL(({ href }) => href !== left);
  await painted(page);
};

/** Presses Tab until what has the focus has this name. It must be seen there. */
async function focus(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const found = (await page.evaluate(FOCUSED)) as { name: string; outline: string };
    if (found.name !== name) continue;
    expect(found.outline).not.toBe('none');
    return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}

const FOCUSED = `({
  name: document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim(),
  outline: getComputedStyle(document.activeElement).outlineStyle,
})`;
