import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, quantile } from '../../../../lib/dashboard/figures/latency.js';

const countsOf = (all: readonly number[]) => {
  const counts = Array.from({ length: BUCKETS }, () => 0);
  for (const one of all) counts[bucketOf(one)]!++;
  return counts;
};

describe('the histogram of durations', () => {
  it('has a bucket for every duration', () => {
    for (const milliseconds of [0, -1, 1e-9, 0.1, 1, 5000, 1e9, Infinity])
      expect(bucketOf(milliseconds)).toBeOneOf(Array.from({ length: BUCKETS }, (_, i) => i));
  });

  it('tells a quantile of durations from 0.1 ms to 5 s with an error below a third', () => {
    for (const factor of [0.1, 1, 10, 40]) {
      const all = Array.from({ length: 100 }, (_, i) => factor * (i + 1));
      for (const part of [0.5, 0.9, 0.99]) {
        const found = quantile(countsOf(all), part)!;
        expect(Math.abs(found / (100 * factor * part) - 1)).toBeLessThan(0.33);
      }
    }
  });

  it('knows no quantile of nothing', () => {
    expect(quantile(countsOf([]), 0.5)).toBeUndefined();
  });

  it('sees one slow duration among a thousand in the last thousandth only', () => {
    const all = [...Array.from({ length: 999 }, () => 1), 3000];
    expect(quantile(countsOf(all), 0.99)).toBeLessThan(2);
    expect(quantile(countsOf(all), 0.9999)).toBeGreaterThan(2000);
  });
});
