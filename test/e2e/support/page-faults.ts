import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds serious or critical in a page, and what stands outside of its place, or breaks. Scripts of a test run
 *  whatever the page's Content-Security-Policy says. */
export async function pageFaults(page: Page): Promise<string[]> {
  return [...(await accessibilityFaults(page)), ...(await layoutFaults(page))];
}

async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}

/** The markup of elements that reach into the margin of their card, that break into several lines, or that are squeezed into
 *  more than three; and whether the page scrolls sideways. */
export const layoutFaults = (page: Page): Promise<string[]> => page.evaluate(MISFITS);

const MISFITS = `[...document.querySelectorAll('time, .price, .small:not(p), .tile b, .bytes, nav a, button, .button, code')]
  .filter((element) => {
    const { left, right, height } = element.getBoundingClientRect();
    const card = element.closest('.card') ?? document.body;
    const frame = card.getBoundingClientRect();
    const { paddingLeft, paddingRight, lineHeight } = getComputedStyle(card);
    const outside = left < frame.left + parseFloat(paddingLeft) || right > frame.right - parseFloat(paddingRight);
    const text = document.createRange();
    text.selectNodeContents(element);
    const tops = [...text.getClientRects()].map(({ top }) => top);
    const broken = !element.matches('code, .small') && Math.max(...tops) - Math.min(...tops) > 10;
    return outside || broken || height > 3 * parseFloat(lineHeight);
  })
  .map((element) => element.outerHTML)
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [])`;
