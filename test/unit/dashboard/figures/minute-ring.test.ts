import { describe, expect, it } from 'vitest';
import { MinuteRing } from '../../../../lib/dashboard/figures/minute-ring.js';

const MINUTE = 60_000;

describe('MinuteRing', () => {
  const ringOf = (minutes: number) => {
    const clock = { now: 5 * MINUTE };
    return { clock, ring: new MinuteRing(['a', 'b'], minutes, () => clock.now) };
  };

  it('adds up the last minutes, this one included', () => {
    const { clock, ring } = ringOf(4);
    for (const amount of [1, 10, 100]) {
      ring.add('a', amount);
      clock.now += MINUTE;
    }
    ring.add('b');
    expect([ring.sum('a', 1), ring.sum('a', 2), ring.sum('a', 3), ring.sum('a')]).toEqual([0, 100, 110, 111]);
    expect(ring.sum('b', 1)).toBe(1);
  });

  it('forgets what is older than its minutes', () => {
    const { clock, ring } = ringOf(3);
    ring.add('a');
    clock.now += 2 * MINUTE;
    expect(ring.sum('a')).toBe(1);
    clock.now += MINUTE;
    expect(ring.sum('a')).toBe(0);
    ring.add('a', 7);
    expect(ring.groups('a', 1)).toEqual([0, 0, 7]);
  });

  it('forgets everything after a night of sleep, in as many steps as it has minutes', () => {
    const { clock, ring } = ringOf(3);
    for (let i = 0; i < 3; i++, clock.now += MINUTE) ring.add('a', 5);
    clock.now += 1e15;
    expect(ring.groups('a', 1)).toEqual([0, 0, 0]);
  });

  it('makes one value of each group, the oldest first', () => {
    const { clock, ring } = ringOf(4);
    for (const amount of [1, 2, 3, 4]) {
      ring.add('a', amount);
      if (amount < 4) clock.now += MINUTE;
    }
    expect(ring.groups('a', 2)).toEqual([3, 7]);
    expect(ring.groups('a', 2, (values) => Math.max(...values))).toEqual([2, 4]);
  });

  it('replaces what was set in the same minute', () => {
    const { ring } = ringOf(2);
    ring.set('a', 5);
    ring.set('a', 6);
    expect(ring.sum('a')).toBe(6);
  });

  it('counts a name that is no column nowhere', () => {
    const { ring } = ringOf(2);
    ring.add('c' as 'a');
    expect([ring.sum('a'), ring.sum('b')]).toEqual([0, 0]);
  });
});
