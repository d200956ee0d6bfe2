import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type * as PrivateFile from '../../../../lib/php/private/private-file.js';
import { encodeFileRow } from '../../../../lib/php/sealed/file-row.js';
import { asActor, interleave } from './stepped-fs.js';
import { age, filesOf, inMinutes, newRow, openStore, useFolders } from './stores.js';

const reads = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../../../lib/php/private/private-file.js', async (original) => {
  const actual = await original<typeof PrivateFile>();
  const readOwnFile: typeof actual.readOwnFile = (...args) => {
    reads.count++;
    return actual.readOwnFile(...args);
  };
  return { ...actual, readOwnFile };
});
vi.mock('node:fs/promises', async () => (await import('./stepped-fs.js')).steppedFileSystem());

const newFolder = useFolders();
const hashOf = (subject: string) => createHash('sha256').update(subject).digest('hex');
const entriesOf = (path: string, subject: string) => {
  const hash = hashOf(subject);
  return join(path, 'by-subject', hash.slice(0, 2), hash);
};

/** The files that are read while something is done. */
async function readsOf(act: () => Promise<unknown>): Promise<number> {
  reads.count = 0;
  await act();
  return reads.count;
}

/** Runs the sweep of every folder of the index. */
async function sweepAll(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  for (let i = 0; i < 256; i++) await store.prune();
}

async function ageEntries(path: string): Promise<void> {
  const then = inMinutes(-120);
  for (const entry of await readdir(join(path, 'by-subject'), { recursive: true, withFileTypes: true }))
    await utimes(join(entry.parentPath, entry.name), then, then);
}

describe('the index of fileStore by subject', () => {
  it('reads the files of one subject, however many others there are', async () => {
    const store = await openStore(await newFolder());
    for (let i = 0; i < 100; i++) await store.create(newRow('x', { subject: `user ${i % 50}` }));
    expect(await readsOf(async () => expect(await store.list('user 7')).toHaveLength(2))).toBe(2);
    const ended = await readsOf(async () =>
      expect(await store.destroySubject('user 7', inMinutes(1), undefined)).toBe(2),
    );
    expect(ended).toBeLessThan(20);
    expect(await readsOf(() => store.list('user 7'))).toBe(0);
    expect(await readsOf(() => store.list('nobody'))).toBe(0);
  });

  it('follows a row through replace, touch and move', async () => {
    const store = await openStore(await newFolder());
    const row = newRow('visitor');
    await store.create(row);
    expect(await store.replace({ ...row, subject: 'ada' }, 1)).toBe('saved');
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([row.key]);
    expect(await store.replace({ ...row, subject: 'bob' }, 2)).toBe('saved');
    expect(await store.list('ada')).toEqual([]);
    await store.touch({ ...row, subject: 'ada' }, 3);
    expect(await store.list('ada')).toHaveLength(1);
    const next = newRow('next', { subject: 'ada' });
    const tombstone = { state: 'moved', sealed: Buffer.from('pointer'), deadline: inMinutes(1) } as const;
    expect(await store.move(row.key, 3, next, tombstone)).toBe('saved');
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([next.key]);
  });

  it('makes entries for files that are older than the index', async () => {
    const path = await newFolder();
    const row = newRow('x', { subject: 'ada' });
    const hex = row.key.toString('hex');
    await mkdir(join(path, hex.slice(0, 2)));
    const bytes = encodeFileRow({
      ...row,
      id: randomBytes(16).toString('hex'),
      version: 1,
      state: 'live',
    });
    await writeFile(join(path, hex.slice(0, 2), hex), bytes, { mode: 0o600 });
    expect(await (await openStore(path)).list('ada')).toHaveLength(1);
  });

  it('may be removed: every file is read until the next start makes it again', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    await store.create(newRow('x', { subject: 'ada' }));
    await rm(join(path, 'by-subject'), { recursive: true });
    expect(await store.list('ada')).toHaveLength(1);
    await store.create(newRow('y', { subject: 'ada' }));
    expect(await store.list('ada')).toHaveLength(2);
    expect(await (await openStore(path)).list('ada')).toHaveLength(2);
  });

  it.each([
    [
      'that other users could use',
      (file: string) => chmod(file, 0o644),
      (file: string) => chmod(file, 0o600),
    ],
    ['that was cut off', (file: string) => truncate(file, 50), undefined],
  ])('hides no session in a file %s while the index was made', async (_, spoil, mend) => {
    const path = await newFolder();
    const row = newRow('x', { subject: 'ada' });
    await (await openStore(path)).create(row);
    const [file] = await filesOf(path);
    const bytes = await readFile(file!);
    await rm(join(path, 'by-subject'), { recursive: true });
    await spoil(file!);
    const store = await openStore(path);
    expect(await store.list('ada')).toEqual([]);
    await (mend ?? (() => writeFile(file!, bytes)))(file!);
    expect(await store.load(row.key)).toBeDefined();
    expect(await store.list('ada')).toHaveLength(1);
    expect(await store.destroySubject('ada', inMinutes(1), undefined)).toBe(1);
    expect(await readsOf(async () => (await openStore(path)).list('ada'))).toBeLessThan(3);
  });

  it('is complete only when every row was read: a start that was killed is done again', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    for (let i = 0; i < 5; i++) await store.create(newRow('x', { subject: 'ada' }));
    for (let steps = 1; steps < 90; steps += 8) {
      await rm(join(path, 'by-subject'), { recursive: true, force: true });
      let left = steps;
      const gate = () => (left-- > 0 ? Promise.resolve() : new Promise<void>(() => undefined));
      const start = asActor(gate, () => openStore(path));
      await Promise.race([start, vi.waitFor(() => expect(left).toBeLessThan(0), { interval: 1 })]);
      expect(await (await openStore(path)).list('ada')).toHaveLength(5);
    }
  });

  it('keeps an entry whose row is written during a sweep, in any order of their steps', async () => {
    for (let order = 0; order < 120; order++) {
      const path = await newFolder();
      const [writer, sweeper] = [await openStore(path), await openStore(path)];
      const row = newRow('x', { subject: 'ada' });
      // An old entry is there: a writer has died before it wrote the row.
      await mkdir(join(entriesOf(path, 'ada'), row.key.toString('hex')), { recursive: true });
      await ageEntries(path);
      const before = Number.parseInt(hashOf('ada').slice(0, 2), 16);
      for (let i = 0; i < before; i++) await sweeper.prune();
      const pick = (choices: number) => (choices > 1 && ++steps % 7 < order % 7 ? 1 : 0);
      let steps = Math.floor(order / 7);
      await interleave([() => sweeper.prune(), () => writer.create(row)], pick, 3 + (order % 11));
      expect(await sweeper.list('ada'), `order ${order}`).toHaveLength(1);
    }
  });

  it('loses the entries that a crash has left, after an hour, and no entry of a live row', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    const live = newRow('x', { subject: 'ada' });
    await store.create(live);
    const left = randomBytes(32).toString('hex');
    await mkdir(join(entriesOf(path, 'ada'), left));
    await sweepAll(store);
    expect(await readdir(entriesOf(path, 'ada'))).toHaveLength(2);
    await ageEntries(path);
    await sweepAll(store);
    expect(await readdir(entriesOf(path, 'ada'))).toEqual([live.key.toString('hex')]);
    await store.destroy(live.key, inMinutes(1));
    await sweepAll(store);
    await expect(readdir(entriesOf(path, 'ada'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not read as sessions at any depth', async () => {
    for (const depth of [0, 1, 2]) {
      const path = await newFolder();
      const store = await openStore(path, { depth });
      await store.create(newRow('x', { subject: 'ada' }));
      await age(path);
      expect([await store.count(), await store.prune()]).toEqual([1, 0]);
      expect(await store.scan(undefined, 10)).toHaveLength(1);
    }
  });

  it('rejects without its folder instead of making it again', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    await rename(path, `${path}.away`);
    await expect(store.list('ada')).rejects.toMatchObject({ reason: 'ENOENT' });
    await expect(store.create(newRow('x', { subject: 'ada' }))).rejects.toMatchObject({ reason: 'ENOENT' });
  });
});
