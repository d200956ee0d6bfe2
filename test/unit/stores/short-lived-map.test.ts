import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ShortLivedMap } from '../../../lib/stores/short-lived-map.js';

describe('ShortLivedMap', () => {
  it('keeps, finds and deletes entries as a Map does', () => {
    const entries = new ShortLivedMap<string, number>();
    entries.set('a', 1);
    entries.set('b', 2);
    entries.set('a', 3);
    expect([entries.get('a'), entries.get('b'), entries.get('c'), entries.size]).toEqual([
      3,
      2,
      undefined,
      2,
    ]);
    expect([entries.delete('a'), entries.delete('a'), entries.get('a'), entries.size]).toEqual([
      true,
      false,
      undefined,
      1,
    ]);
  });

  it.each([1, 63, 64, 65, 1000])('keeps %i entries while thousands of others come and go', (count) => {
    const entries = new ShortLivedMap<number, string>();
    for (let kept = 0; kept < count; kept++) entries.set(kept, `kept ${kept}`);
    for (let other = count; other < count + 5000; other++) {
      entries.set(other, 'other');
      expect(entries.delete(other)).toBe(true);
    }
    expect(entries.size).toBe(count);
    for (let kept = 0; kept < count; kept++) expect(entries.get(kept)).toBe(`kept ${kept}`);
  });

  it('lets nothing get old that has gone, as a Map does', () => {
    expect(grownBy(new ShortLivedMap())).toBeLessThan(1_000_000);
    expect(grownBy(new Map())).toBeGreaterThan(4_000_000);
  });
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
const oldBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;

/** JSON.parse makes 2 KB of it, always young. V8 soon makes literals old whose values get old. */
const TEXT = JSON.stringify(Array.from({ length: 250 }, () => 1.5));

/** Returns the bytes by which old objects grow while 4,000 entries of 2 KB come and go, eight at a time. */
function grownBy(entries: {
  set(key: number, value: unknown): unknown;
  delete(key: number): boolean;
}): number {
  for (let key = 0; key < 8; key++) entries.set(key, 0);
  collect();
  collect(); // what the collection holds now is old
  const before = oldBytes();
  for (let key = 8; key < 4000; key++) {
    entries.set(key, JSON.parse(TEXT));
    entries.delete(key - 8);
    if (key % 100 === 0) collect({ type: 'minor' });
  }
  return oldBytes() - before;
}
