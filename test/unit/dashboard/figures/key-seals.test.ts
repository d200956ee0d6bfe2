import { describe, expect, it } from 'vitest';
import { KeySeals } from '../../../../lib/dashboard/figures/key-seals.js';

describe('KeySeals', () => {
  it('notes a key as long as it seals, and at the look that finds another one', () => {
    const seals = new KeySeals();
    seals.look(['old'], 1000);
    seals.look(['old'], 2000);
    seals.look(['new'], 3000);
    seals.look(['new'], 4000);
    expect(seals.all()).toEqual([
      { hint: 'new', lastAt: 4000 },
      { hint: 'old', lastAt: 3000 },
    ]);
  });

  it('keeps the keys that sealed last, when there are too many', () => {
    const seals = new KeySeals();
    for (let i = 0; i < 100; i++) seals.look([String(i)], i);
    expect(seals.all()).toHaveLength(32);
    expect(seals.all()[0]).toEqual({ hint: '99', lastAt: 99 });
  });
});
