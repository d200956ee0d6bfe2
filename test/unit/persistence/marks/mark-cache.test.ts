import { describe, expect, it } from 'vitest';
import { MarkCache } from '../../../../lib/persistence/marks/mark-cache.js';
import type { MarkChange, MarkRows } from '../../../../lib/persistence/marks/mark-rows.js';

const NOW = 1_800_000_000;
const FOREVER = new Date(8e12);

/** Rows that a test fills, and that say how often they were read. */
class FakeRows {
  readonly values = new Map<string, Buffer>();
  reads = 0;
  /** A read waits for it. */
  gate: Promise<void> = Promise.resolve();

  async read(key: Buffer): Promise<Buffer | undefined> {
    this.reads++;
    const value = this.values.get(key.toString());
    await this.gate;
    return value;
  }

  async change(key: Buffer, make: MarkChange): Promise<Buffer | undefined> {
    const next = make(this.values.get(key.toString()));
    if (next) this.values.set(key.toString(), next);
    return this.values.get(key.toString());
  }
}

const KEY = Buffer.from('key');
const make = (most?: number) => {
  const rows = new FakeRows();
  return { rows, cache: new MarkCache(rows as unknown as MarkRows, most) };
};

describe('MarkCache', () => {
  it.each([undefined, Buffer.of(1)])(
    'reads a mark once in 30 s, and returns it on the same tick: %s',
    async (value) => {
      const { rows, cache } = make();
      if (value) rows.values.set('key', value);
      expect(await cache.get(KEY, NOW)).toBe(value);
      expect(cache.get(KEY, NOW + 29)).toBe(value);
      expect(rows.reads).toBe(1);
      rows.values.set('key', Buffer.of(2));
      expect(await cache.get(KEY, NOW + 30)).toEqual(Buffer.of(2));
    },
  );

  it('asks again when the clock was set back by as much', async () => {
    const { rows, cache } = make();
    await cache.get(KEY, NOW);
    await cache.get(KEY, NOW - 30);
    expect(rows.reads).toBe(2);
  });

  it('reads a mark once for all who ask at the same time', async () => {
    const { rows, cache } = make();
    await Promise.all([cache.get(KEY, NOW), cache.get(KEY, NOW), cache.get(KEY, NOW)]);
    expect(rows.reads).toBe(1);
  });

  it('knows at once what it has written', async () => {
    const { cache } = make();
    await cache.get(KEY, NOW);
    await cache.change(KEY, () => Buffer.of(7), FOREVER, NOW);
    expect(cache.get(KEY, NOW)).toEqual(Buffer.of(7));
  });

  it('does not let a read that began before a write hide the write', async () => {
    const { rows, cache } = make();
    let open!: () => void;
    rows.gate = new Promise((resolve) => (open = resolve));
    const early = cache.get(KEY, NOW);
    await cache.change(KEY, () => Buffer.of(7), FOREVER, NOW);
    open();
    await early;
    expect(cache.get(KEY, NOW)).toEqual(Buffer.of(7));
  });

  it('remembers no failure', async () => {
    const { rows, cache } = make();
    rows.gate = Promise.reject(new Error('away'));
    await expect(cache.get(KEY, NOW)).rejects.toThrow('away');
    rows.gate = Promise.resolve();
    expect(await cache.get(KEY, NOW)).toBe(undefined);
  });

  it('keeps a limited number of marks', async () => {
    const { rows, cache } = make(2);
    for (const name of ['a', 'b', 'c']) await cache.get(Buffer.from(name), NOW);
    expect(cache.get(Buffer.from('c'), NOW)).toBe(undefined);
    expect(rows.reads).toBe(3);
    await cache.get(Buffer.from('a'), NOW);
    expect(rows.reads).toBe(4);
  });
});
