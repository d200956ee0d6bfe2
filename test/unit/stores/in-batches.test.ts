import { describe, expect, it } from 'vitest';
import { inBatches } from '../../../lib/stores/in-batches.js';

describe('inBatches()', () => {
  it('works on no more items at a time than it may, and keeps their order', async () => {
    let underWay = 0;
    const most: number[] = [];
    const double = async (n: number) => {
      most.push(++underWay);
      await Promise.resolve();
      underWay--;
      return 2 * n;
    };
    expect(await inBatches([1, 2, 3, 4, 5], 2, double)).toEqual([2, 4, 6, 8, 10]);
    expect(Math.max(...most)).toBe(2);
    expect(await inBatches([], 2, double)).toEqual([]);
  });
});
