import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withPalette } from '../support/png-palette.js';
import { chromiumAbsent, startChromium } from './support/chromium.js';
import { startSample, type RunningSample } from './support/sample-app.js';
import { PastClocks, visitForHours } from './support/past-hours.js';
import { logIn, sealNote } from './support/sample-browser.js';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** Bytes of the largest picture. */
const LIMIT = 120_000;

const wanted = process.env['UPDATE_SCREENSHOTS'] && !chromiumAbsent;

/** Draws the pictures of README and docs anew: `npm run screenshots`. */
describe.runIf(wanted)('the screenshots', () => {
  let browser: Browser;
  let sample: RunningSample;
  const clocks = new PastClocks();

  beforeAll(async () => {
    mkdirSync(IMAGES, { recursive: true });
    browser = await startChromium();
    clocks.setBack(11);
    sample = await startSample({ ADAPTER: 'fastify' });
    await visitForHours(sample.port, clocks);
  }, 600_000);
  afterAll(async () => {
    clocks.restore();
    await browser?.close();
    await sample?.close();
  });

  /** Draws what an administrator sees in a window of this size. */
  async function draw(
    name: string,
    { colorScheme, width, height }: { colorScheme: 'light' | 'dark'; width: number; height: number },
    visit: (page: Page) => Promise<void>,
  ): Promise<void> {
    const baseURL = `http://localhost:${sample.port}`;
    const context = await browser.newContext({ baseURL, colorScheme, viewport: { width, height } });
    const page = await context.newPage();
    await logIn(page);
    await visit(page);
    const png = withPalette(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    await context.close();
    writeFileSync(join(IMAGES, `${name}.png`), png);
    expect(png.length).toBeLessThan(LIMIT);
  }

  async function cheat(page: Page): Promise<void> {
    await sealNote(page, 'Six sticks of vermilion');
    await page.goto('/sealing/refused');
    await page.locator('select').selectOption('commitment');
    await page.getByRole('button', { name: 'Try: Flip a bit' }).click();
    await page.getByText('No session.', { exact: true }).waitFor();
  }

  async function rotate(page: Page): Promise<void> {
    await sealNote(page, 'Six sticks of vermilion');
    await page.goto('/sealing/rotated');
    for (const label of ['Append a new key', 'Promote it', 'Drop the old key'])
      await page.getByRole('button', { name: `Do it: ${label}` }).click();
    await page.getByText('The operator sees: unknown-key').waitFor();
  }

  it('show a session that is sealed', () =>
    draw('sealing-sealed', { colorScheme: 'light', width: 1280, height: 1400 }, (page) =>
      sealNote(page, 'Six sticks of vermilion'),
    ));

  it('show a changed cookie that is refused', async () => {
    await draw('sealing-refused', { colorScheme: 'light', width: 1280, height: 1050 }, cheat);
    await draw('sealing-refused-dark', { colorScheme: 'dark', width: 1280, height: 1050 }, cheat);
  });

  it('show on a phone a key that was changed', () =>
    draw('sealing-rotated-phone', { colorScheme: 'light', width: 390, height: 1100 }, rotate));

  it.each([
    ['dashboard', 'light', 1280, 900],
    ['dashboard-dark', 'dark', 1280, 900],
    ['dashboard-phone', 'light', 390, 1000],
  ] as const)('show the page of an operator as %s', (name, colorScheme, width, height) =>
    draw(name, { colorScheme, width, height }, async (page) => {
      await page.goto('/ops');
      await page.locator('#devices input[name=subject]').fill('grace');
      await page.locator('#devices button').first().click();
      await page.getByText('Live sessions of grace').waitFor();
      await page.evaluate('scrollTo(0, 0)');
    }),
  );
});
