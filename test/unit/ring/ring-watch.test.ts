import { describe, expect, it } from 'vitest';
import { RingWatch } from '../../../lib/ring/ring-watch.js';

describe('RingWatch', () => {
  it('is settled when two minutes have gone well', () => {
    let now = 0;
    const watch = new RingWatch(() => now);
    expect(watch.isSettled).toBe(false);
    watch.read(new Date(0));
    now = 119_999;
    expect(watch.isSettled).toBe(false);
    now = 120_000;
    expect(watch.isSettled).toBe(true);
    watch.failed();
    expect(watch.isSettled).toBe(false);
    watch.read(new Date(now));
    now = 240_000;
    expect(watch.isSettled).toBe(true);
  });

  it.each([600_001, -600_001])('refuses the clock for ten minutes after a jump by %d ms', (jump) => {
    let now = 0;
    const watch = new RingWatch(() => now);
    watch.read(new Date(1e12));
    watch.read(new Date(1e12 + 600_000));
    expect(() => watch.checkClock()).not.toThrow();
    watch.read(new Date(1e12 + 600_000 + jump));
    expect(() => watch.checkClock()).toThrow(/has moved by more than ten minutes/);
    now = 599_999;
    watch.read(new Date(1e12 + 600_000 + jump + now));
    expect(() => watch.checkClock()).toThrow();
    now = 600_000;
    expect(() => watch.checkClock()).not.toThrow();
  });
});
