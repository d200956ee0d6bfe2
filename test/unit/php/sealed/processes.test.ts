import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { useBundle } from '../../../support/bundle.js';
import { age, filesOf, inMinutes, newRow, openStore, useFolders } from './stores.js';

const script = useBundle(new URL('./process.ts', import.meta.url));
const newFolder = useFolders();

const start = (...args: string[]) =>
  spawn(process.execPath, [script(), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

const ended = async (child: ChildProcess) => (await once(child, 'exit')) as [number | null, string | null];

/** Waits for so many bytes of output, then kills the process while it works. */
async function killAfter(child: ChildProcess, bytes: number): Promise<void> {
  const exit = ended(child);
  let seen = 0;
  for await (const chunk of child.stdout!)
    if ((seen += (chunk as Buffer).length) >= bytes) child.kill('SIGKILL');
  expect((await exit)[1]).toBe('SIGKILL');
}

describe('FileStore in two processes', () => {
  it('loses none of 2 x 200 guarded increments', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    const row = newRow('0');
    await store.create(row);
    const args = ['increment', path, row.key.toString('hex'), '200'];
    const exits = await Promise.all([start(...args), start(...args)].map(ended));
    expect(exits.map(([code]) => code)).toEqual([0, 0]);
    expect(await store.load(row.key)).toMatchObject({ sealed: Buffer.from('400'), version: 401 });
    expect(await filesOf(path)).toHaveLength(1);
  }, 60_000);

  it('leaves only whole sessions when it is killed eight times while it writes', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    for (let kill = 0; kill < 8; kill++) {
      await killAfter(start('scribble', path, '00'), 6 + randomInt(30));
      await expectWhole(store);
    }
    await age(path);
    await store.prune();
    expect(await filesOf(path)).toHaveLength(await store.count());
  }, 120_000);

  it('finds every row of a subject by the index after two processes were killed five times', async () => {
    const path = await newFolder();
    const store = await openStore(path);
    for (let kill = 0; kill < 5; kill++) {
      const two = [start('roam', path, '00'), start('roam', path, '00')];
      await Promise.all(two.map((child) => killAfter(child, 10 + randomInt(60))));
      await expectIndexed(store);
    }
    const all = await store.count();
    let ended = 0;
    for (const subject of SUBJECTS) ended += await store.destroySubject(subject, inMinutes(1), undefined);
    expect([ended, await store.count()]).toEqual([all, 0]);
  }, 120_000);
});

const SUBJECTS = ['user 0', 'user 1', 'user 2'];

/** Compares what the index finds with what all files say. */
async function expectIndexed(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  const rows = await store.scan(undefined, 10_000);
  expect(rows.length).toBeGreaterThan(0);
  for (const subject of SUBJECTS) {
    const expected = rows.filter((row) => row.subject === subject).map(({ key }) => key.toString('hex'));
    const listed = (await store.list(subject)).map(({ key }) => key.toString('hex'));
    expect(listed.toSorted()).toEqual(expected.toSorted());
  }
}

async function expectWhole(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  const rows = await store.scan(undefined, 100);
  expect(rows.length).toBeGreaterThan(0);
  for (const { key, sealed, version, ...row } of rows) {
    const first = sealed[0]!;
    expect(sealed.every((byte) => byte === first)).toBe(true);
    expect((sealed.length - 5000) % 256).toBe(first);
    expect((sealed.length - 5000) % 7).toBe(key[0]);
    expect(await store.replace({ ...row, key, sealed, deadline: inMinutes(60) }, version)).toBe('saved');
  }
}
