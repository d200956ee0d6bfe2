import { afterEach, describe, expect, it, vi } from 'vitest';
import { beginWait, endWait, within } from '../../../lib/stores/time-limit.js';

const inMs = (milliseconds: number) => performance.now() + milliseconds;
const never = () => new Promise<never>(() => undefined);
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** The next error that nobody catches, which is hidden from the test runner. */
function uncaught(): Promise<unknown> {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener);
      resolve(error);
    });
  });
}

describe('within', () => {
  it('gives what comes in time, a value or an error', async () => {
    expect(await within(inMs(60_000), Promise.resolve(1))).toBe(1);
    await expect(within(inMs(60_000), Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('rejects each at its moment, in whatever order they begin', async () => {
    const moments = [inMs(30), inMs(5), inMs(60)];
    const ends = moments.map((until) => within(until, never()).catch(() => performance.now() >= until));
    expect(await Promise.all(ends)).toEqual([true, true, true]);
  });

  it('rejects at once when the moment is over, and never early', async () => {
    await expect(within(inMs(-1), never())).rejects.toMatchObject({ code: 'timeout' });
    const until = inMs(10);
    await within(until, never()).catch(() => undefined);
    expect(performance.now()).toBeGreaterThanOrEqual(until);
  });

  it('uses one timer for a thousand statements, and none keeps the process once all have ended', () => {
    const before = timers();
    const waits = Array.from({ length: 1000 }, (_, i) => ({
      until: inMs(60_000 + i),
      late: () => undefined,
    }));
    for (const wait of waits) beginWait(wait);
    expect(timers() - before).toBe(1);
    for (const wait of waits) endWait(wait);
    expect(timers()).toBe(before);
  });

  it.each([
    ['the first', [0, 1, 2, 3]],
    ['the last', [5, 4, 3, 2]],
    ['those between', [2, 3, 1, 4]],
    ['one of them twice', [1, 1, 4, 0, 3]],
  ])('keeps the limits of the others when some end: %s', async (_, ended) => {
    const until = performance.now() + 5;
    const late: number[] = [];
    const waits = Array.from({ length: 6 }, (__, i) => ({ until, late: () => late.push(i) }));
    for (const wait of waits) beginWait(wait);
    const wasThere = ended.map((i) => endWait(waits[i]!));
    await within(until + 10, new Promise(() => undefined)).catch(() => undefined);
    expect(late.toSorted()).toEqual([0, 1, 2, 3, 4, 5].filter((i) => !ended.includes(i)));
    expect(wasThere.filter(Boolean)).toHaveLength(new Set(ended).size);
    expect(waits.map((wait) => endWait(wait))).toEqual(waits.map(() => false));
  });

  it('keeps the limits of the others when somebody throws at his moment', async () => {
    const thrown = uncaught();
    const until = inMs(5);
    beginWait({
      until,
      late: () => {
        throw new Error('listener');
      },
    });
    const others = [until, inMs(15)].map((one) => within(one, never()).catch(() => 'late'));
    expect(await Promise.all(others)).toEqual(['late', 'late']);
    expect(await within(inMs(5), never()).catch(() => 'late')).toBe('late');
    expect(await thrown).toMatchObject({ message: 'listener' });
  });

  describe('in a test of an application', () => {
    afterEach(() => void vi.unstubAllGlobals().useRealTimers());
    const pass = () => {
      const wait = { until: inMs(1), late: () => undefined };
      beginWait(wait);
      endWait(wait);
    };

    it('needs no timers that are objects, which jsdom has not', () => {
      vi.stubGlobal('setTimeout', () => 1);
      expect(pass).not.toThrow();
    });

    it('still limits when the test has put the true timers back', async () => {
      vi.useFakeTimers();
      pass();
      vi.useRealTimers();
      expect(await within(inMs(20), never()).catch(() => 'late')).toBe('late');
    });
  });

  it('has no latest moment', async () => {
    expect(await within(Infinity, Promise.resolve(1))).toBe(1);
    expect(await within(inMs(2 ** 40), Promise.resolve(1))).toBe(1);
  });
});
