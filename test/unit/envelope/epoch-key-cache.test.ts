import { describe, expect, it } from 'vitest';
import { EpochKeyCache } from '../../../lib/envelope/epoch-key-cache.js';
import type { EpochKey } from '../../../lib/envelope/epoch-key.js';

const key = (fill: number): EpochKey => ({ key: {}, commitment: Buffer.alloc(32, fill) });

function cacheOf(limit: number, ...names: string[]): EpochKeyCache {
  const cache = new EpochKeyCache(limit);
  cache.useGeneration(1);
  names.forEach((name, i) => cache.add(1, name, key(i)));
  return cache;
}

const has = (cache: EpochKeyCache, ...names: string[]) => names.map((name) => cache.get(name) !== undefined);

describe('EpochKeyCache', () => {
  it('returns what was added', () => {
    expect(cacheOf(2, 'a').get('a')).toEqual(key(0));
    expect(cacheOf(2, 'a').get('b')).toBeUndefined();
  });

  it('removes the least recently used entry if it is full', () => {
    const cache = cacheOf(2, 'a', 'b');
    cache.get('a');
    cache.add(1, 'c', key(2));
    expect(has(cache, 'a', 'b', 'c')).toEqual([true, false, true]);
  });

  it('removes nothing if an entry is added again', () => {
    const cache = cacheOf(2, 'a', 'b', 'b');
    expect(has(cache, 'a', 'b')).toEqual([true, true]);
  });

  it('keeps nothing with a limit of 0', () => {
    expect(has(cacheOf(0, 'a'), 'a')).toEqual([false]);
  });

  it('forgets everything under another ring, and accepts nothing from the old one', () => {
    const cache = cacheOf(2, 'a');
    cache.useGeneration(2);
    expect(has(cache, 'a')).toEqual([false]);
    cache.add(1, 'late', key(1));
    expect(has(cache, 'late')).toEqual([false]);
  });

  it('keeps everything under the same ring', () => {
    const cache = cacheOf(2, 'a');
    cache.useGeneration(1);
    expect(has(cache, 'a')).toEqual([true]);
  });

  it('shares a derivation that is under way, and asks again when it has settled', async () => {
    const cache = cacheOf(2);
    let asked = 0;
    const derive = () => Promise.resolve(key(++asked));
    const [one, two] = await Promise.all([cache.share('a', derive), cache.share('a', derive)]);
    expect(two).toBe(one);
    expect(asked).toBe(1);
    await cache.share('a', derive);
    expect(asked).toBe(2);
    const failing = () => Promise.reject<EpochKey>(new Error('away'));
    await expect(cache.share('b', failing)).rejects.toThrow('away');
    expect(await cache.share('b', derive)).toEqual(key(3));
  });

  it('shares no derivation with another ring', async () => {
    const cache = cacheOf(2);
    const old = cache.share('a', () => Promise.resolve(key(1)));
    cache.useGeneration(2);
    expect(await cache.share('a', () => Promise.resolve(key(2)))).toEqual(key(2));
    expect(await old).toEqual(key(1));
  });
});
