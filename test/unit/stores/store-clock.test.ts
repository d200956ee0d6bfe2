import { describe, expect, it } from 'vitest';
import { StoreClock } from '../../../lib/stores/store-clock.js';

describe('StoreClock', () => {
  it('is that of the process before the first answer', () => {
    expect(Math.abs(new StoreClock().now().getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('is never ahead of the database', () => {
    const clock = new StoreClock();
    clock.learn(1_000_000, 100, 110); // the database read it somewhere between 100 and 110
    expect(clock.at(110)).toBe(1_000_000);
  });

  it('gets better by a quick answer, and no worse by a late one', () => {
    const clock = new StoreClock();
    clock.learn(1_000_000, 100, 150);
    clock.learn(1_000_098, 200, 202);
    expect(clock.at(202)).toBe(1_000_098);
    clock.learn(1_000_198, 300, 20_300); // 20 s on its way
    expect(clock.at(20_300)).toBe(1_020_196);
  });

  it.each([3_600_000, -3_600_000])('follows a clock that was set by %i ms', (step) => {
    const clock = new StoreClock();
    clock.learn(10_000_000, 100, 102);
    clock.learn(10_000_100 + step, 200, 202);
    expect(clock.at(202)).toBe(10_000_100 + step);
  });
});
