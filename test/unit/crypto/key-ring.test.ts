import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../lib/crypto/key-ring.js';
import { ringOf } from './rings.js';

describe('KeyRing', () => {
  it('seals with the first key and finds all by their hints', async () => {
    const ring = await ringOf(1, 2, 3);
    expect(ring.first).toBe(ring.keys[0]);
    for (const key of ring.keys) expect(ring.find(key.hint)).toBe(key);
  });

  it('finds nothing under a hint that no key has', async () => {
    const ring = await ringOf(1, 2);
    expect(ring.find((ring.keys[0]!.hint ^ 1) >>> 0)).toBeUndefined();
    expect(ring.find((await ringOf(3)).first.hint)).toBeUndefined();
  });

  it('without keys finds nothing, and throws where a key has to seal', async () => {
    const ring = new KeyRing([], 1);
    expect(ring.find((await ringOf(1)).first.hint)).toBeUndefined();
    expect(() => ring.first).toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_CLOSED', statusCode: 500 }),
    );
  });

  it('treats every key but the first as stale', async () => {
    const ring = await ringOf(1, 2, 3);
    expect(ring.keys.map((key) => ring.isStale(key))).toEqual([false, true, true]);
  });

  it('derives the same hint for a key in every place and every ring of that name', async () => {
    const [one, two] = [await ringOf(1, 2), await ringOf(2, 1)];
    expect(one.keys.map(({ hint }) => hint)).toEqual(two.keys.map(({ hint }) => hint).toReversed());
  });
});
