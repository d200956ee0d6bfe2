import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { StoreHealth } from '../../../lib/persistence/store-health.js';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('StoreHealth', () => {
  it('uses one timer for a hundred operations, and none once all have ended', async () => {
    const health = new StoreHealth('default', new SessionEvents(), 60_000);
    const answers: ((value: unknown) => void)[] = [];
    const ask = () => new Promise((resolve) => answers.push(resolve));
    const before = timers();
    const watched = Array.from({ length: 100 }, () => health.watch('load', ask));
    expect(timers() - before).toBe(1);
    for (const answer of answers) answer('row');
    expect(new Set(await Promise.all(watched))).toEqual(new Set(['row']));
    expect(timers()).toBe(before);
  });

  it('tells that the store is down in the context of no request', async () => {
    const requests = new AsyncLocalStorage<string>();
    const events = new SessionEvents();
    const seen: unknown[] = [];
    events.on('storeDown', () => seen.push(requests.getStore()));
    const health = new StoreHealth('default', events, 5);
    const never = () => new Promise<never>(() => undefined);
    const waits = ['ada', 'bob'].map((name) => requests.run(name, () => health.watch('load', never)));
    await Promise.allSettled(waits);
    expect(seen).toEqual([undefined]);
  });

  it('asks a store nothing when whoever waits has given up', async () => {
    const health = new StoreHealth('default', new SessionEvents(), 60_000);
    let asked = 0;
    const ask = async () => ++asked;
    const late = health.watch('replace', ask, performance.now() - 1);
    await expect(late).rejects.toMatchObject({ operation: 'replace', reason: 'timeout' });
    expect([asked, health.isDown]).toEqual([0, false]);
  });

  it('gives a store no longer than whoever waits, and does not call it down for the time that others have spent', async () => {
    const health = new StoreHealth('default', new SessionEvents(), 60_000);
    const asked: number[] = [];
    const never = (timeout: number) => (asked.push(timeout), new Promise<never>(() => undefined));
    await expect(health.watch('replace', never, performance.now() + 5)).rejects.toMatchObject({
      reason: 'timeout',
    });
    expect(asked[0]).toBeLessThanOrEqual(5);
    expect(health.isDown).toBe(false);
    const refused = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    await expect(health.watch('replace', refused, performance.now() + 5)).rejects.toMatchObject({
      reason: 'ECONNREFUSED',
    });
    expect(health.isDown).toBe(true);
  });

  it('does not wait at its end for an operation whose time is over, whether it ever ends or not', async () => {
    const health = new StoreHealth('default', new SessionEvents(), 60_000);
    const answers: (() => void)[] = [];
    const ask = () => new Promise<void>((resolve) => answers.push(resolve));
    const watched = [1, 2].map(() => health.watch('load', ask, performance.now() + 5));
    await Promise.allSettled(watched);
    await health.drain();
    answers[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    const next = health.watch('load', ask);
    const drained = health.drain().then(() => 'drained');
    answers[2]!();
    expect([await next, await drained]).toEqual([undefined, 'drained']);
  });
});
