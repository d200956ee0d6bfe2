import { describe, expect, it } from 'vitest';
import { HintTally } from '../../../lib/manager/hint-tally.js';

describe('HintTally', () => {
  it('counts hints, and what names none', () => {
    const tally = new HintTally();
    for (const hint of ['a', 'b', 'b', undefined]) tally.add(hint);
    expect([tally.total, tally.top(3)]).toEqual([
      4,
      [
        ['b', 2],
        ['a', 1],
      ],
    ]);
    tally.clear();
    expect([tally.total, tally.top(3)]).toEqual([0, []]);
  });

  it('keeps a hint that comes often among any number of made-up ones, in bounded memory', () => {
    const tally = new HintTally();
    for (let i = 0; i < 20_000; i++) tally.add(i % 4 ? `made up ${i}` : '31b74615');
    expect(tally.top(1)[0]![0]).toBe('31b74615');
    expect(tally.top(100).length).toBeLessThanOrEqual(16);
    expect(tally.total).toBe(20_000);
  });
});
