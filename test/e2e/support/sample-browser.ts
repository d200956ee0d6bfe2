import type { Page } from 'playwright-core';

/** How a page is looked at. */
export interface View {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const COLOURS = ['light', 'dark'] as const;
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

/** Both themes, on a desk and on a phone. */
export const VIEWS: readonly View[] = COLOURS.flatMap((colorScheme) =>
  SIZES.map((viewport) => ({ colorScheme, viewport })),
);

/** Resolves when the page was painted. Chromium drops keys that are pressed before. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
  );
}

/** Logs the administrator of the sample in. */
export async function logIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('analytical-engine');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Hello, Ada.').waitFor();
}

/** Seals a note in the session of the demonstration. */
export async function sealNote(page: Page, note: string): Promise<void> {
  await page.goto('/sealing');
  await page.getByLabel('A note to seal').fill(note);
  await page.getByRole('button', { name: /^Seal it/ }).click();
  await page.getByText('What your browser holds').waitFor();
}
