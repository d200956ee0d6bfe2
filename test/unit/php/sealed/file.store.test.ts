import { execFileSync } from 'node:child_process';
import { chmod, chown, link, mkdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileStore } from '../../../../lib/php/index.js';
import { age, filesOf, inMinutes, modeOf, newRow, openStore, useFolders } from './stores.js';

const newFolder = useFolders();

async function storeWithRow(options: Parameters<typeof openStore>[1] = {}) {
  const path = await newFolder();
  const store = await openStore(path, options);
  const row = newRow('sealed', { subject: 'ada' });
  await store.create(row);
  const [file] = await filesOf(path);
  return { path, store, row, file: file! };
}

describe('FileStore', () => {
  it('leaves no new session of a move of which whoever waits has given up', async () => {
    const { store, row } = await storeWithRow();
    const until = performance.now() + 100;
    const next = {
      ...newRow('next', { subject: 'ada' }),
      get sealed() {
        while (performance.now() <= until); // the process stands still while it writes the new row
        return Buffer.from('next');
      },
    };
    const tombstone = { state: 'ended' as const, sealed: Buffer.from('token'), deadline: row.deadline };
    const moved = store.move(row.key, 1, next, tombstone, until);
    await expect(moved).rejects.toMatchObject({ reason: 'timeout' });
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([row.key]);
  });

  it.each([0, 1, 3])(
    'keeps a session in one private file under %i levels of private folders',
    async (depth) => {
      const { path, row, file } = await storeWithRow({ depth });
      const hex = row.key.toString('hex');
      const levels = [hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6)].slice(0, depth);
      expect(file).toBe(join(path, ...levels, hex));
      expect(await modeOf(file)).toBe(0o600);
      if (depth) expect(await modeOf(join(path, levels[0]!))).toBe(0o700);
    },
  );

  it('gives files the configured mode, whatever the umask is', async () => {
    const umask = process.umask(0o077);
    try {
      const { file, row, store } = await storeWithRow({ mode: 0o640 });
      expect(await modeOf(file)).toBe(0o640);
      expect(await store.load(row.key)).toBeDefined();
    } finally {
      process.umask(umask);
    }
  });

  it.each([0, 40, 95, 97])('treats a file cut off at %i bytes as absent, and prunes it', async (length) => {
    const { store, row, file } = await storeWithRow();
    await truncate(file, length);
    expect(await store.load(row.key)).toBeUndefined();
    expect(await store.replace(row, 1)).toBe('gone');
    expect(await store.destroy(row.key, inMinutes(1))).toBe(false);
    expect(await store.count()).toBe(0);
    expect(await store.prune()).toBe(1);
    await store.create(row);
  });

  it('treats a file with the name of another row as absent', async () => {
    const { store, file } = await storeWithRow({ depth: 0 });
    const other = newRow('other');
    await rename(file, join(file, '..', other.key.toString('hex')));
    expect(await store.load(other.key)).toBeUndefined();
  });

  it('reads no file that other users can use, and leaves it for the operator', async () => {
    const { path, store, row, file } = await storeWithRow();
    await chmod(file, 0o640);
    expect(await store.load(row.key)).toBeUndefined();
    expect(await store.prune()).toBe(0);
    expect(await filesOf(path)).toEqual([file]);
    await chmod(file, 0o600);
    expect(await store.load(row.key)).toBeDefined();
  });

  it.skipIf(process.geteuid!() !== 0)('reads no file of another user, also as root', async () => {
    const { store, row, file } = await storeWithRow();
    await chown(file, 12_345, 12_345);
    expect(await store.load(row.key)).toBeUndefined();
    expect(await store.prune()).toBe(0);
  });

  it('follows no symbolic link, and reads no folder, no pipe and no file with many hard links', async () => {
    const { store, row, file } = await storeWithRow();
    const aside = `${file}-aside`;
    await rename(file, aside);
    const plant: (() => Promise<unknown>)[] = [
      () => symlink(aside, file),
      () => mkdir(file),
      async () => execFileSync('mkfifo', ['-m', '600', file]),
      async () => {
        for (let i = 0; i < 9; i++) await link(aside, i ? `${aside}${i}` : file);
      },
    ];
    for (const put of plant) {
      await put();
      expect(await store.load(row.key)).toBeUndefined();
      expect(await store.prune()).toBe(0);
      await rm(file, { recursive: true });
    }
  });

  it('neither reads nor writes a file that is larger than any session', async () => {
    const { store, row, file } = await storeWithRow();
    await truncate(file, 67_174_401); // sparse
    expect(await store.load(row.key)).toBeUndefined();
    expect(await store.prune()).toBe(0); // a file that was read would be pruned
    await expect(store.create(newRow('', { sealed: Buffer.alloc(67_174_400) }))).rejects.toMatchObject({
      operation: 'create',
      reason: 'EFBIG',
    });
  });

  it('rejects if its folder is gone, and does not make it again', async () => {
    const { path, store, row } = await storeWithRow();
    await rm(path, { recursive: true });
    for (const [operation, ask] of [
      ['load', () => store.load(row.key)],
      ['create', () => store.create(row)],
      ['replace', () => store.replace(row, 1)],
      ['count', () => store.count()],
      ['prune', () => store.prune()],
    ] as const)
      await expect(ask()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', operation, reason: 'ENOENT' });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reports a failure by its code, without the name of a file', async () => {
    const { path, row, store, file } = await storeWithRow();
    await rm(join(file, '..'), { recursive: true });
    await writeFile(join(file, '..'), ''); // a file in the place of a folder
    const error = (await store.create(row).catch((error: unknown) => error)) as Error;
    expect(error).toMatchObject({ operation: 'create', reason: 'ENOTDIR' });
    expect(JSON.stringify([error.message, { ...error }, error.cause])).not.toContain(path);
  });

  it('rejects before it is open', async () => {
    await expect(fileStore({ path: '/sessions' }).load(newRow('').key)).rejects.toMatchObject({
      reason: 'not open',
    });
  });

  it('refuses to move to an existing row, and leaves the old one as it is', async () => {
    const { store, row } = await storeWithRow();
    const taken = newRow('taken');
    await store.create(taken);
    const tombstone = { state: 'moved', sealed: Buffer.from('x'), deadline: inMinutes(1) } as const;
    await expect(store.move(row.key, 1, taken, tombstone)).rejects.toMatchObject({ reason: 'duplicate' });
    expect((await store.load(row.key))?.state).toBe('live');
    expect((await store.load(taken.key))?.sealed.toString()).toBe('taken');
  });

  it('ends a row at its deadline, by the configured clock', async () => {
    let now = new Date();
    const store = await openStore(await newFolder(), { now: () => now });
    const row = newRow('sealed', { deadline: inMinutes(10) });
    await store.create(row);
    now = row.deadline;
    expect(await store.load(row.key)).toBeUndefined();
    expect(await store.replace(row, 1)).toBe('gone');
    expect(await store.prune()).toBe(1);
  });
});

describe('FileStore.prune', () => {
  it('inspects a batch per call, or more until it finds an expired row, and continues where it stopped', async () => {
    const store = await openStore(await newFolder(), { pruneBatch: 4 });
    for (let i = 0; i < 10; i++) {
      const key = Buffer.alloc(32, i); // the live ones come first
      await store.create(newRow('', i < 6 ? { key } : { key, deadline: inMinutes(-1) }));
    }
    expect([await store.prune(), await store.prune(), await store.prune()]).toEqual([2, 2, 0]);
    expect(await store.count()).toBe(6);
  });

  it('removes the files of a crash after an hour, and none of a running operation', async () => {
    const { path, store, row, file } = await storeWithRow();
    const proposal = `${file}.${'ab'.repeat(16)}.new`;
    await writeFile(proposal, 'half', { mode: 0o600 });
    await link(file, `${file}.${'cd'.repeat(16)}.next`);
    await store.prune();
    expect(await filesOf(path)).toHaveLength(3);
    await age(path);
    expect(await store.prune()).toBe(0);
    expect(await filesOf(path)).toEqual([file]);
    expect(await store.load(row.key)).toMatchObject({ version: 1, state: 'live' });
  });

  it('touches no file that is not its own', async () => {
    const { path, store } = await storeWithRow();
    await writeFile(join(path, 'sess_0123'), 'a:0:{}');
    await mkdir(join(path, 'zz'));
    await age(path);
    await store.prune();
    expect(await filesOf(path)).toHaveLength(2);
  });
});
