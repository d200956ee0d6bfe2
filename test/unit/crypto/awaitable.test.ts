import { describe, expect, it } from 'vitest';
import { andThen, finallyDo } from '../../../lib/crypto/awaitable.js';

describe('andThen', () => {
  it('calls next on the same tick for a plain value', () => {
    expect(andThen(2, (value) => value + 1)).toBe(3);
  });

  it('calls next with the result of a promise', async () => {
    const later = andThen(Promise.resolve(2), (value) => value + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(3);
  });

  it('passes on a rejection', async () => {
    await expect(andThen(Promise.reject(new Error('no')), () => 1)).rejects.toThrow('no');
  });
});

describe('finallyDo', () => {
  const act = {
    'returns at once': () => 2,
    'returns later': () => Promise.resolve(2),
    throws: () => {
      throw new Error('no');
    },
    rejects: () => Promise.reject(new Error('no')),
  } as const;

  it.each(['returns at once', 'returns later'] as const)(
    'passes on what an act %s, done by then',
    async (kind) => {
      let done = 0;
      expect(await finallyDo<number>(act[kind], () => done++)).toBe(2);
      expect(done).toBe(1);
    },
  );

  it.each(['throws', 'rejects'] as const)('is done when an act %s, and passes it on', async (kind) => {
    let done = 0;
    await expect((async () => finallyDo<number>(act[kind], () => done++))()).rejects.toThrow('no');
    expect(done).toBe(1);
  });

  it('is not done before a promise has settled', async () => {
    let done = false;
    let settle: (value: number) => void = () => undefined;
    const value = finallyDo(
      () => new Promise<number>((resolve) => (settle = resolve)),
      () => (done = true),
    );
    await Promise.resolve();
    expect(done).toBe(false);
    settle(1);
    await value;
    expect(done).toBe(true);
  });
});
