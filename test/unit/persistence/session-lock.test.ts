import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreLocks } from '../../../lib/persistence/store-locks.js';
import { MemoryLocks } from '../../../lib/stores/memory-locks.js';

/** Milliseconds of a write; a lock lives twice as long. */
const WRITE = 5000;
const LEASE = 60_000;
const SESSION = Buffer.alloc(16, 1);

let memory: MemoryLocks;
/** Pauses of those who wait: each ends when the test says so. */
let pauses: (() => void)[];
let locks: StoreLocks;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  memory = new MemoryLocks(() => new Date(performance.now()));
  pauses = [];
  locks = storeLocks();
});
afterEach(() => void vi.useRealTimers());

const storeLocks = () => new StoreLocks(memory, WRITE, () => new Promise((resolve) => pauses.push(resolve)));
const take = (signal = new AbortController().signal, all = locks) => all.take(SESSION, LEASE, signal);
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('SessionLock', () => {
  it('is had by one request of a process at a time', async () => {
    const first = await take();
    let second: unknown;
    void take().then((lock) => (second = lock));
    await settled();
    expect(second).toBeUndefined();
    await first.release();
    await settled();
    expect(second).toBeDefined();
  });

  it('is asked for again and again while another process has it', async () => {
    const other = await take(undefined, storeLocks());
    let mine: unknown;
    void take().then((lock) => (mine = lock));
    await settled();
    expect(pauses).toHaveLength(1);
    pauses.shift()!();
    await settled();
    expect([mine, pauses.length]).toEqual([undefined, 1]);
    await other.release();
    pauses.shift()!();
    await settled();
    expect(mine).toBeDefined();
  });

  it.each([
    ['this process', () => locks],
    ['another process', storeLocks],
  ])('is refused with 423 to who stops waiting for a request of %s', async (_, holding) => {
    await take(undefined, holding());
    const waiting = new AbortController();
    const refused = expect(take(waiting.signal)).rejects.toMatchObject({
      code: 'ERR_SESSION_LOCKED',
      statusCode: 423,
    });
    await settled();
    waiting.abort();
    for (const end of pauses) end();
    await refused;
  });

  it('is free where the store has given it and its answer was lost', async () => {
    const { acquire } = memory;
    memory.acquire = async (...lock) => {
      await acquire.apply(memory, lock);
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    };
    await expect(take()).rejects.toMatchObject({ code: 'ECONNRESET' });
    memory.acquire = acquire;
    expect(await take(undefined, storeLocks())).toBeDefined();
  });

  it('stays as long as its request has it, beyond the time that the store gives it', async () => {
    const lock = await take();
    await vi.advanceTimersByTimeAsync(4 * WRITE);
    await lock.check();
    expect(() => lock.assertHeld()).not.toThrow();
  });

  it('is free when its lease is over, and lost for its request', async () => {
    const lock = await take();
    await vi.advanceTimersByTimeAsync(LEASE);
    await expect(lock.check()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCK_LOST', statusCode: 409 });
    expect(await take()).toBeDefined();
  });

  it.each([
    ['this process', () => locks],
    ['another process', storeLocks],
  ])(
    'is not given to a request of %s before the write that began under the lease is done',
    async (_, next) => {
      const lock = await take();
      await vi.advanceTimersByTimeAsync(LEASE - 100);
      await lock.check();
      let given = false;
      void take(undefined, next()).then(() => (given = true));
      const askAgain = async () => {
        for (const end of pauses.splice(0)) end();
        await settled();
      };
      await vi.advanceTimersByTimeAsync(WRITE - 1);
      await expect(lock.check()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCK_LOST' });
      await askAgain();
      expect(given).toBe(false);
      await vi.advanceTimersByTimeAsync(2);
      await askAgain();
      expect(given).toBe(true);
    },
  );

  it('is lost by a process that stood still until another one had it, even if that has ended', async () => {
    const lock = await take();
    vi.clearAllTimers(); // this process does not run
    vi.advanceTimersByTime(2 * WRITE + 1);
    const others = await take(undefined, storeLocks());
    await others.release();
    expect(() => lock.assertHeld()).toThrow(/lost the lock/);
    await expect(lock.check()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCK_LOST' });
  });

  it('counts as lost while a write that begins now could end after it', async () => {
    const lock = await take();
    vi.clearAllTimers();
    vi.advanceTimersByTime(WRITE - 1);
    expect(() => lock.assertHeld()).not.toThrow();
    vi.advanceTimersByTime(1);
    expect(() => lock.assertHeld()).toThrow(/lost the lock/);
    await lock.check();
    expect(() => lock.assertHeld()).not.toThrow();
  });

  it('survives a store that is away for a while', async () => {
    const lock = await take();
    const renew = vi.spyOn(memory, 'renew').mockRejectedValue(new Error('away'));
    await vi.advanceTimersByTimeAsync(WRITE);
    expect(renew).toHaveBeenCalled();
    renew.mockRestore();
    await vi.advanceTimersByTimeAsync(WRITE - 1000);
    await lock.check();
    expect(() => lock.assertHeld()).not.toThrow();
  });

  it('lets the next one try if asking for it fails', async () => {
    const acquire = vi.spyOn(memory, 'acquire').mockRejectedValueOnce(new Error('away'));
    await expect(take()).rejects.toThrow('away');
    acquire.mockRestore();
    expect(await take()).toBeDefined();
  });
});
