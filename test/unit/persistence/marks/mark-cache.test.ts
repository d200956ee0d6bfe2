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

  /** Answers of changes wait for it. */
  answer: Promise<void> = Promise.resolve();

  async change(key: Buffer, make: MarkChange): Promise<Buffer | undefined> {
    const next = make(this.values.get(key.toString()));
    if (next) this.values.set(key.toString(), next);
    const value = this.values.get(key.toString());
    await this.answer;
    return value;
  }

  /** Holds the answers of the changes that begin from now on, until the function that it returns is called. */
  hold(): () => void {
    let open!: () => void;
    this.answer = new Promise((resolve) => (open = resolve));
    return open;
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

  describe('of changes that overlap', () => {
    const [LIVE, ENDED] = [Buffer.of(1), Buffer.of(2)];
    const change = (cache: MarkCache, value: Buffer) => cache.change(KEY, () => value, FOREVER, NOW);

    it('knows the newer one, when the answer to the older one comes last', async () => {
      const { rows, cache } = make();
      const answer = rows.hold();
      const older = change(cache, LIVE);
      rows.answer = Promise.resolve();
      await change(cache, ENDED);
      expect(cache.get(KEY, NOW)).toBe(ENDED);
      answer();
      await older;
      expect(await cache.get(KEY, NOW)).toBe(ENDED);
    });

    it('knows the newer one, when that one fails though it was written', async () => {
      const { rows, cache } = make();
      const [answerOlder, older] = [rows.hold(), change(cache, LIVE)];
      rows.answer = Promise.reject(new Error('no answer'));
      await expect(change(cache, ENDED)).rejects.toThrow('no answer');
      answerOlder();
      await older;
      expect(await cache.get(KEY, NOW)).toBe(ENDED);
    });

    it('asks once for all, and remembers what comes next', async () => {
      const { rows, cache } = make();
      const [answer, both] = [rows.hold(), [change(cache, LIVE), change(cache, ENDED)]];
      answer();
      await Promise.all(both);
      await cache.get(KEY, NOW);
      expect(cache.get(KEY, NOW)).toBe(ENDED);
      await change(cache, LIVE);
      expect(cache.get(KEY, NOW)).toBe(LIVE);
      expect(rows.reads).toBe(1);
    });
  });

  it('does not let a change hide what was read after its write', async () => {
    const { rows, cache } = make();
    const answer = rows.hold();
    const late = cache.change(KEY, () => Buffer.of(1), FOREVER, NOW);
    rows.values.set('key', Buffer.of(2)); // by another process
    await cache.read(KEY, NOW);
    answer();
    await late;
    expect(await cache.get(KEY, NOW)).toEqual(Buffer.of(2));
  });

  it('asks again after a change that failed, since it may have been written', async () => {
    const { rows, cache } = make();
    await cache.get(KEY, NOW);
    rows.answer = Promise.reject(new Error('no answer'));
    await expect(cache.change(KEY, () => Buffer.of(7), FOREVER, NOW)).rejects.toThrow('no answer');
    expect(await cache.get(KEY, NOW)).toEqual(Buffer.of(7));
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
