import { describe, expect, it } from 'vitest';
import { durationOf, minuteOf, secondOf } from '../../../lib/cli/times.js';

describe('times of the command line', () => {
  it.each([
    [0, '0 s'],
    [-7, '0 s'],
    [59, '59 s'],
    [59.6, '1 min'],
    [1435, '23 min 55 s'],
    [7500, '2 h 5 min'],
    [3605, '1 h'],
    [86_700, '1 d'],
    [200_000, '2 d 7 h'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(durationOf(seconds)).toBe(text);
  });

  it('writes a moment in UTC, to the second or the minute', () => {
    const time = new Date('2026-11-29T10:07:31.450Z');
    expect([secondOf(time), minuteOf(time)]).toEqual(['2026-11-29 10:07:31Z', '2026-11-29 10:07Z']);
    expect(secondOf(new Date(8.64e15))).toBe('+275760-09-13 00:00:00Z');
    expect(secondOf(new Date(NaN))).toBe('unknown');
  });
});
