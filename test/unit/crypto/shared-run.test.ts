import { describe, expect, it } from 'vitest';
import { SharedRun } from '../../../lib/crypto/shared-run.js';

/** A work whose runs the test ends by hand. */
function work() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let running = 0;
  let most = 0;
  const run = new SharedRun(async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve, reject) => ends.push({ resolve, reject })).finally(() => running--);
  });
  return { run, ends, most: () => most };
}

const settled = () => new Promise(setImmediate);

describe('SharedRun', () => {
  it('begins at once when nothing runs', async () => {
    const { run, ends } = work();
    for (const number of [1, 2]) {
      const result = run.run();
      expect(ends).toHaveLength(number);
      ends.at(-1)!.resolve();
      await result;
    }
  });

  it('gives all who ask during a run one more, which begins afterwards', async () => {
    const { run, ends } = work();
    const first = run.run();
    const [second, third] = [run.run(), run.run()];
    expect(third).toBe(second);
    expect(ends).toHaveLength(1);
    ends[0]!.resolve();
    await first;
    await settled();
    expect(ends).toHaveLength(2);
    const fourth = run.run();
    ends[1]!.resolve();
    await second;
    await settled();
    expect(ends).toHaveLength(3);
    ends[2]!.resolve();
    await fourth;
  });

  it('runs the next one though a run fails, whose error is that of its own callers', async () => {
    const { run, ends } = work();
    const [first, second] = [run.run(), run.run()];
    ends[0]!.reject(new Error('the first'));
    await expect(first).rejects.toThrow('the first');
    await settled();
    ends[1]!.resolve();
    await expect(second).resolves.toBeUndefined();
  });

  it('never runs twice at a time, whenever a call comes between two runs', async () => {
    const { run, ends, most } = work();
    const calls = [run.run(), run.run()];
    ends[0]!.resolve();
    for (let tick = 0; tick < 10; tick++) {
      await Promise.resolve();
      calls.push(run.run());
    }
    for (let i = 1; i < ends.length; i++) {
      ends[i]!.resolve();
      await settled();
    }
    await Promise.all(calls);
    expect(most()).toBe(1);
  });
});
