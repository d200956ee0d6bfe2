import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileStore } from '../../../../lib/php/sealed/file.store.js';
import { interleave, killedAfter } from './stepped-fs.js';
import { age, filesOf, inMinutes, newRow, openStore, useFolders } from './stores.js';

vi.mock('node:fs/promises', async () => (await import('./stepped-fs.js')).steppedFileSystem());
vi.mock('node:timers/promises', async () => (await import('./stepped-fs.js')).steppedTimers());

/** The number of orders of steps that are tried. The rarest deliberate fault was found after about 400. */
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 100);
const newFolder = useFolders();
const tombstone = (state: 'moved' | 'ended', sealed = '') => ({
  state,
  sealed: Buffer.from(sealed),
  deadline: inMinutes(5),
});
const text = async (store: FileStore, key: Buffer) => (await store.load(key))?.sealed.toString();

/** Returns the same numbers for the same seed (mulberry32). */
function chooser(seed: number): (choices: number) => number {
  let state = seed;
  return (choices) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % choices;
  };
}

describe('RowSwap among processes, step by step in any order', () => {
  let path: string;
  let store: FileStore;
  /** Stores that share no state, like those of several processes. */
  let others: FileStore[];

  beforeEach(async () => {
    path = await newFolder();
    store = await openStore(path, { depth: 0 });
    others = await Promise.all([1, 2, 3, 4].map(() => openStore(path, { depth: 0 })));
    let clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (clock += 20));
    return () => vi.restoreAllMocks();
  });

  /** Returns the results in the order of `works`. In every second schedule the first one sleeps for a long time. */
  async function race(seed: number, works: readonly ((store: FileStore) => Promise<unknown>)[]) {
    const pick = chooser(seed);
    const frozen = seed % 2 ? pick(14) : undefined;
    const results = await interleave(
      works.map((work, i) => () => work(others[i]!)),
      pick,
      frozen,
    );
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async function eachSchedule(run: (seed: number) => Promise<void>, times = 1) {
    for (let seed = 1; seed <= times * SCHEDULES; seed++) await run(seed);
  }

  it('lets one of three replacements win, and reads that one', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before');
      await store.create(row);
      const works = ['a', 'b', 'c'].map(
        (sealed) => (other: FileStore) => other.replace({ ...row, sealed: Buffer.from(sealed) }, 1),
      );
      const results = await race(seed, works);
      expect(results.toSorted(), `seed ${seed}`).toEqual(['conflict', 'conflict', 'saved']);
      expect(await text(store, row.key)).toBe('abc'[results.indexOf('saved')]);
      expect((await store.load(row.key))?.version).toBe(2);
    }));

  it('loses no replacement to a touch, nor to the next replacement', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before');
      await store.create(row);
      const [first, , second] = await race(seed, [
        (other) => other.replace({ ...row, sealed: Buffer.from('first') }, 1),
        (other) => other.touch({ ...row, sealed: Buffer.from('touched') }, 1),
        async (other) => {
          const result = await other.replace({ ...row, sealed: Buffer.from('second') }, 1);
          return result === 'saved' ? other.replace({ ...row, sealed: Buffer.from('third') }, 2) : result;
        },
      ]);
      expect(
        [first, second].filter((result) => result === 'saved'),
        `seed ${seed}`,
      ).toHaveLength(1);
      expect(await text(store, row.key)).toBe(first === 'saved' ? 'first' : 'third');
    }, 5));

  it('never revives an ended row', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before');
      await store.create(row);
      const [replaced, ended] = await race(seed, [
        (other) => other.replace({ ...row, sealed: Buffer.from('after') }, 1),
        (other) => other.destroy(row.key, inMinutes(5)),
        (other) => other.touch(row, 1),
      ]);
      expect(ended, `seed ${seed}`).toBe(true);
      expect(['saved', 'gone']).toContain(replaced);
      expect((await store.load(row.key))?.state).toBe('ended');
    }));

  it('moves a row once, and never both moves and replaces it', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before');
      const nexts = [newRow('next a'), newRow('next b')];
      await store.create(row);
      const results = await race(seed, [
        (other) => other.move(row.key, 1, nexts[0]!, tombstone('moved', 'a')),
        (other) => other.move(row.key, 1, nexts[1]!, tombstone('moved', 'b')),
        (other) => other.replace({ ...row, sealed: Buffer.from('replaced') }, 1),
      ]);
      expect(
        results.filter((result) => result === 'saved'),
        `seed ${seed}`,
      ).toHaveLength(1);
      const winner = results.indexOf('saved');
      expect(await text(store, row.key)).toBe(['a', 'b', 'replaced'][winner]);
      const found = await Promise.all(nexts.map(({ key }) => store.load(key)));
      expect(found.map(Boolean)).toEqual([winner === 0, winner === 1]);
    }));

  it('prunes an expired row or lets a writer that began in time save it, never both', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before', { deadline: inMinutes(-1) });
      await store.create(row);
      const late = await openStore(path, { depth: 0, now: () => inMinutes(-5) });
      const [replaced, ...pruned] = await race(seed, [
        () => late.replace({ ...row, sealed: Buffer.from('after'), deadline: inMinutes(60) }, 1),
        (other) => other.prune(),
        (other) => other.prune(),
      ]);
      const left = await text(store, row.key);
      expect(left, `seed ${seed}`).toBe(replaced === 'saved' ? 'after' : undefined);
      expect(Number(pruned[0]) + Number(pruned[1])).toBe(replaced === 'saved' ? 0 : 1);
      await store.destroy(row.key, inMinutes(-1)); // leaves nothing to prune for the next schedule
      await store.prune();
    }));

  it('loses nothing even if prune treats all running operations as left by a crash', () =>
    eachSchedule(async (seed) => {
      const row = newRow('before');
      await store.create(row);
      vi.spyOn(Date, 'now').mockReturnValue(inMinutes(120).getTime());
      const results = await race(seed, [
        (other) => other.replace({ ...row, sealed: Buffer.from('a') }, 1),
        (other) => other.replace({ ...row, sealed: Buffer.from('b') }, 1),
        (other) => other.prune(),
        (other) => other.prune(),
      ]);
      expect(results.slice(0, 2).toSorted(), `seed ${seed}`).toEqual(['conflict', 'saved']);
      expect(await text(store, row.key)).toBe('ab'[results.indexOf('saved')]);
      await store.destroy(row.key, inMinutes(-1));
      await store.prune();
    }, 0.3));

  it('leaves no file that the next writer or prune must remove', async () => {
    const row = newRow('before');
    await store.create(row);
    await store.replace(row, 1);
    await store.touch(row, 2);
    await store.move(row.key, 2, newRow('next'), tombstone('moved'));
    expect(await filesOf(path)).toHaveLength(2);
  });
});

describe('RowSwap killed at any step', () => {
  /** Kills `act` after 0, 1, 2, … steps until it finishes, each time in a new folder. */
  async function killEverywhere(
    act: (store: FileStore, row: ReturnType<typeof newRow>) => Promise<unknown>,
    check: (store: FileStore, row: ReturnType<typeof newRow>, done: boolean) => Promise<void>,
    prepare = async (store: FileStore, row: ReturnType<typeof newRow>) => store.create(row),
  ) {
    for (let steps = 0; ; steps++) {
      const path = await newFolder();
      const store = await openStore(path);
      const row = newRow('before', { subject: 'ada' });
      await prepare(store, row);
      const doomed = await openStore(path);
      const done = await killedAfter(steps, () => act(doomed, row));
      await check(store, row, done);
      await age(path);
      await store.prune();
      const leftovers = (await filesOf(path)).filter((file) => /\.(new|next|try)/.test(file));
      expect(leftovers, `killed after ${steps} steps`).toEqual([]);
      if (done) return expect(steps).toBeGreaterThan(4);
      expect(steps).toBeLessThan(60);
    }
  }

  it('leaves a replaced row in its old or its new state, and free for the next writer', () =>
    killEverywhere(
      (store, row) => store.replace({ ...row, sealed: Buffer.from('after') }, 1),
      async (store, row, done) => {
        const found = (await store.load(row.key))!;
        expect(`${found.version} ${found.sealed}`).toMatch(done ? '2 after' : /^(1 before|2 after)$/);
        const next = { ...row, sealed: Buffer.from('next') };
        expect(await store.replace(next, found.version)).toBe('saved');
        expect(await text(store, row.key)).toBe('next');
      },
    ));

  it('can be killed again and again at one row', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    const row = newRow('before');
    await store.create(row);
    for (let steps = 1; steps < 12; steps++) {
      const doomed = await openStore(path);
      await killedAfter(steps, () => doomed.touch({ ...row, sealed: Buffer.from(`touch ${steps}`) }, 1));
    }
    expect(await text(store, row.key)).toMatch(/^(before|touch)/);
    expect(await store.replace({ ...row, sealed: Buffer.from('after') }, 1)).toBe('saved');
    expect(await text(store, row.key)).toBe('after');
    await age(path);
    await store.prune();
    expect(await filesOf(path)).toHaveLength(1);
  });

  it('leaves a moved row with its successor, or live: no session is lost', () =>
    killEverywhere(
      (store, row) =>
        store.move(row.key, 1, newRow('next', { subject: 'ada' }), tombstone('moved', 'pointer')),
      async (store, row) => {
        const old = await store.load(row.key);
        const listed = await store.list('ada');
        if (old?.state === 'live') expect(await store.replace(row, 1)).toBe('saved');
        else expect(`${old?.state} ${old?.sealed} ${listed.length}`).toBe('moved pointer 1');
      },
    ));

  it('leaves a created row whole or absent', () =>
    killEverywhere(
      (store, row) => store.create(row),
      async (store, row, done) => {
        const found = await text(store, row.key);
        if (done || found !== undefined) expect(found).toBe('before');
      },
      async () => undefined,
    ));

  it('leaves an ended row ended or live', () =>
    killEverywhere(
      (store, row) => store.destroy(row.key, inMinutes(5)),
      async (store, row, done) => {
        const state = (await store.load(row.key))?.state;
        expect(state).toMatch(done ? 'ended' : /^(live|ended)$/);
      },
    ));

  it('leaves a pruned row absent, and a later prune removes its file', () =>
    killEverywhere(
      (store) => store.prune(),
      async (store, row) => {
        expect(await store.load(row.key)).toBeUndefined();
        expect(await store.count()).toBe(0);
      },
      (store, row) => store.create({ ...row, deadline: inMinutes(-1) }),
    ));
});
