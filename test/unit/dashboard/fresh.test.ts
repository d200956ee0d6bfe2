import { describe, expect, it } from 'vitest';
import { Fresh } from '../../../lib/dashboard/fresh.js';

/** A question whose answers the test gives. */
function begin({ patience = 60_000 } = {}) {
  const clock = { now: 0 };
  const asked: { resolve(answer: string): void; reject(error: Error): void }[] = [];
  const ask = () => new Promise<string>((resolve, reject) => asked.push({ resolve, reject }));
  const fresh = new Fresh(ask, { milliseconds: 10_000, patience, now: () => clock.now });
  return { clock, asked, fresh };
}

describe('Fresh', () => {
  it('asks once for all who ask meanwhile, and for ten seconds after the answer', async () => {
    const { clock, asked, fresh } = begin();
    const both = [fresh.get(), fresh.get()];
    clock.now += 20_000;
    asked[0]!.resolve('one');
    expect(await Promise.all(both)).toEqual(['one', 'one']);
    clock.now += 9999;
    expect(await fresh.get()).toBe('one');
    expect(asked).toHaveLength(1);
    clock.now += 1;
    const next = fresh.get();
    asked[1]!.resolve('two');
    expect(await next).toBe('two');
  });

  it('remembers a failure as long as an answer', async () => {
    const { clock, asked, fresh } = begin();
    const failed = fresh.get();
    asked[0]!.reject(new Error('away'));
    expect(await failed).toBeUndefined();
    expect(await fresh.get()).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.now += 10_000;
    const next = fresh.get();
    asked[1]!.resolve('back');
    expect(await next).toBe('back');
  });

  it('waits no longer than it may, and asks no second time while a late answer is on its way', async () => {
    const { asked, fresh } = begin({ patience: 1 });
    expect(await fresh.get()).toBeUndefined();
    expect(await fresh.get()).toBeUndefined();
    expect(asked).toHaveLength(1);
    asked[0]!.resolve('late');
    expect(await fresh.get()).toBe('late');
    expect(asked).toHaveLength(1);
  });
});
