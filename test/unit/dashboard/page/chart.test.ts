import { describe, expect, it } from 'vitest';
import { bars, lines } from '../../../../lib/dashboard/page/chart.js';

const pathsOf = ({ text }: { text: string }) => [...text.matchAll(/ d="([^"]*)"/g)].map(([, d]) => d!);
const numbersOf = (path: string) => path.match(/-?[\d.]+/g)?.map(Number) ?? [];

describe('a chart', () => {
  it('says in words what it shows', () => {
    expect(bars('Begun: 3', [1, 2]).text).toContain('role="img" aria-label="Begun: 3"');
  });

  it('draws a bar for each value that is not 0, none higher than the picture', () => {
    const [, above] = pathsOf(bars('', [0, 1e9, 5, 0]));
    expect(above!.match(/M/g)).toHaveLength(2);
    expect(Math.max(...numbersOf(above!).map(Math.abs))).toBeLessThanOrEqual(720);
  });

  it('lets the second series hang down from the middle', () => {
    const [, below, above] = pathsOf(bars('', [4], [2]));
    expect(above).toContain('v-50h');
    expect(below).toContain('v25h');
  });

  it('has a gap where a value is not known, and a dot for a value between two gaps', () => {
    const paths = pathsOf(lines('', [1, undefined, 2, 3, undefined]));
    expect(paths.at(-1)).toMatch(/^M[\d. ]+h1M[\d. ]+L[\d. ]+$/);
  });

  it('is drawn where nothing is known, and where all is 0', () => {
    for (const series of [[], [undefined], [0, 0]])
      expect(lines('', series, series).text).not.toMatch(/NaN|Infinity/);
    expect(bars('', [0], [0]).text).not.toMatch(/NaN|Infinity/);
  });
});
