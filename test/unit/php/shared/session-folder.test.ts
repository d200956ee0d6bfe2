import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  link,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { FileLock } from '../../../../lib/php/shared/file-lock.js';
import type { LockedFile } from '../../../../lib/php/shared/locked-file.js';
import { SessionFolder } from '../../../../lib/php/shared/session-folder.js';
import { filesOf, modeOf, useFolders } from '../sealed/stores.js';

const newFolder = useFolders();
const uid = process.geteuid!();
const ID = 'a1'.repeat(16);
const LETTERS = '0123456789abcdef';
const soon = () => performance.now() + 1000;
const nothing = Buffer.alloc(0);
let lock: FileLock;
beforeAll(async () => {
  lock = await FileLock.load('store.sharedUnsealed');
});

const openAt = (path: string, depth = 0, mode = 0o600) =>
  SessionFolder.open(path, { depth, letters: LETTERS }, { uid, mode }, lock);
const put = (folder: SessionFolder, id: string, text: string) =>
  folder.create(id, async (file) => file.write(Buffer.from(text), nothing));
const textOf = async (folder: SessionFolder, id: string) =>
  (await folder.use(id, 'shared', soon(), (file) => file.read()))?.bytes.toString();

async function faultOf(path: string, depth = 0): Promise<string> {
  const error = await openAt(path, depth).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SessionConfigError);
  return (error as SessionConfigError).faults.map(({ path: at, message }) => `${at}: ${message}`).join('\n');
}

async function makeLevels(path: string): Promise<void> {
  for (const letter of LETTERS) await mkdir(join(path, letter), { mode: 0o700 });
}

async function withSession() {
  const path = await newFolder();
  const folder = await openAt(path);
  await put(folder, ID, 'a|i:1;');
  return { path, folder, file: join(path, `sess_${ID}`) };
}

describe('SessionFolder', () => {
  it('keeps a session where PHP looks for it, and leaves no file of its start', async () => {
    const { path, file, folder } = await withSession();
    expect(await filesOf(path)).toEqual([file]);
    expect(await modeOf(file)).toBe(0o600);
    expect(await textOf(folder, ID)).toBe('a|i:1;');
  });

  it('writes, empties and removes nothing of which whoever waits has given up', async () => {
    const { folder } = await withSession();
    const past = performance.now() - 1;
    const use = (work: (file: LockedFile) => Promise<void>) => folder.use(ID, 'exclusive', soon(), work);
    const late = { reason: 'timeout' };
    await expect(use((file) => file.write(Buffer.from('b'), nothing, past))).rejects.toMatchObject(late);
    await expect(use((file) => file.empty(past))).rejects.toMatchObject(late);
    await expect(folder.remove(ID, past)).rejects.toMatchObject(late);
    expect(await textOf(folder, ID)).toBe('a|i:1;');
  });

  it('subtracts the umask from the mode of new files, and keeps the mode of existing ones', async () => {
    const umask = process.umask(0o027);
    try {
      const path = await newFolder();
      const folder = await openAt(path, 0, 0o660);
      await put(folder, ID, 'a');
      const file = join(path, `sess_${ID}`);
      expect(await modeOf(file)).toBe(0o640);
      await chmod(file, 0o620);
      await folder.use(ID, 'exclusive', soon(), (found) => found.write(Buffer.from('b'), Buffer.from('a')));
      expect(await modeOf(file)).toBe(0o620);
    } finally {
      process.umask(umask);
    }
  });

  it('ignores a file that other users can write, or that has a second name', async () => {
    const { file, folder } = await withSession();
    await chmod(file, 0o622);
    expect(await textOf(folder, ID)).toBeUndefined();
    await chmod(file, 0o600);
    await link(file, `${file}b`);
    expect(await textOf(folder, ID)).toBeUndefined();
    await rm(`${file}b`);
    expect(await textOf(folder, ID)).toBe('a|i:1;');
  });

  it.skipIf(uid !== 0)('ignores a file of another user, also as root', async () => {
    const { file, folder } = await withSession();
    await chown(file, 12_345, 12_345);
    expect(await textOf(folder, ID)).toBeUndefined();
    expect(await folder.foreignOwner(ID)).toBe(12_345);
    expect(await folder.prune(new Date(Date.now() + 1000))).toBe(0);
  });

  it.skipIf(uid !== 0)('knows the owner of a file that it cannot open', async () => {
    const path = await newFolder();
    await put(await openAt(path), ID, 'a|i:1;');
    await chmod(dirname(path), 0o711);
    await chmod(path, 0o1733);
    process.seteuid!(12_345);
    try {
      const levels = { depth: 0, letters: LETTERS };
      const folder = await SessionFolder.open(path, levels, { uid: 12_345, mode: 0o600 }, lock);
      expect(await textOf(folder, ID)).toBeUndefined();
      expect(await folder.foreignOwner(ID)).toBe(0);
      expect(await folder.foreignOwner('b1'.repeat(16))).toBeUndefined();
    } finally {
      process.seteuid!(0);
    }
  });

  it('reports no foreign owner for its own file, a link and a folder', async () => {
    const { path, folder } = await withSession();
    await mkdir(join(path, 'sess_folder'));
    await symlink('sess_folder', join(path, 'sess_link'));
    for (const id of [ID, 'folder', 'link']) expect(await folder.foreignOwner(id)).toBeUndefined();
  });

  it('reads no more than the limit, however large a file has become', async () => {
    const { file, folder } = await withSession();
    const found = await folder.use(ID, 'shared', soon(), async (held) => {
      await truncate(file, 1e9);
      return held.read(4);
    });
    expect(found?.bytes.toString()).toBe('a|i:');
  });

  it.skipIf(uid !== 0)('is refused if new files there belong to another user', async () => {
    const path = await newFolder();
    await expect(
      SessionFolder.open(path, { depth: 0, letters: LETTERS }, { uid: 12_345, mode: 0o600 }, lock),
    ).rejects.toThrow(/store\.path: files cannot be made and locked in \/.*\/a-\w+ \(FOREIGN_OWNER\)/);
    expect(await filesOf(path)).toEqual([]);
  });

  it('follows no symbolic link, and waits for no pipe', async () => {
    const { file, folder } = await withSession();
    const aside = `${file}-aside`;
    await rename(file, aside);
    await symlink(aside, file);
    expect(await textOf(folder, ID)).toBeUndefined();
    await rm(file);
    execFileSync('mkfifo', ['-m', '600', file]);
    expect(await textOf(folder, ID)).toBeUndefined();
  });

  it('finds no session in a file that was removed during the wait for its lock', async () => {
    const { folder } = await withSession();
    let later: Promise<string | undefined> | undefined;
    await folder.use(ID, 'exclusive', soon(), async () => {
      later = textOf(folder, ID);
      await new Promise((resolve) => setImmediate(resolve));
      await folder.remove(ID);
    });
    expect(await later).toBeUndefined();
  });

  it('rejects if the folder is gone', async () => {
    const { path, folder } = await withSession();
    await rm(path, { recursive: true });
    await expect(textOf(folder, ID)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(put(folder, ID, '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves no file of a session that could not be written', async () => {
    const path = await newFolder();
    const folder = await openAt(path);
    await expect(folder.create(ID, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(await filesOf(path)).toEqual([]);
  });

  it('refuses to create a session whose id exists', async () => {
    const { folder } = await withSession();
    await expect(put(folder, ID, 'b')).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await textOf(folder, ID)).toBe('a|i:1;');
  });

  it('removes unused sessions, and no file that is locked or not a session', async () => {
    const { path, folder, file } = await withSession();
    const old = new Date(Date.now() - 60_000);
    for (const name of ['sess_b', 'sess_held', 'other', 'sess_new'])
      await writeFile(join(path, name), '', { mode: 0o600 });
    for (const name of ['sess_b', 'sess_held', 'other']) await utimes(join(path, name), old, old);
    await folder.use('held', 'shared', soon(), async () => {
      expect(await folder.prune(new Date(Date.now() - 30_000))).toBe(1);
    });
    expect((await filesOf(path)).toSorted()).toEqual(
      [file, join(path, 'other'), join(path, 'sess_held'), join(path, 'sess_new')].toSorted(),
    );
  });
});

describe('SessionFolder with levels', () => {
  it('finds sessions under the first characters of their ids, and prunes there too', async () => {
    const path = await newFolder();
    await makeLevels(path);
    for (const level of LETTERS) await makeLevels(join(path, level));
    const folder = await openAt(path, 2);
    await put(folder, ID, 'a');
    expect((await stat(join(path, 'a', '1', `sess_${ID}`))).size).toBe(1);
    expect(await folder.prune(new Date(Date.now() + 1000))).toBe(1);
  });

  it('finds no session in a file with the name of a level, and prunes the other levels', async () => {
    const path = await newFolder();
    await makeLevels(path);
    await writeFile(join(path, 'x'), '');
    const folder = await openAt(path, 1);
    expect(await textOf(folder, `x${ID}`)).toBeUndefined();
    expect(await folder.prune(new Date())).toBe(0);
  });

  it.each(['g', 'Z', '-'])('is refused if %j is missing and ids begin with it', async (letter) => {
    const path = await newFolder();
    await makeLevels(path);
    await expect(
      SessionFolder.open(path, { depth: 1, letters: LETTERS + letter }, { uid, mode: 0o600 }, lock),
    ).rejects.toThrow(`${join(path, letter)} is not such a folder`);
  });

  it('is refused if its folders have too few levels', async () => {
    const path = await newFolder();
    await makeLevels(path);
    expect(await faultOf(path, 2)).toContain(`${join(path, '0', '0')} is not such a folder`);
  });

  it('is refused if levels are missing, or if other users could make them', async () => {
    const path = await newFolder();
    expect(await faultOf(path, 1)).toMatch(/^store\.depth: .*mod_files\.sh/);
    await chmod(path, 0o1733);
    expect(await faultOf(path, 1)).toMatch(/^store\.depth: .*other users cannot write to/);
  });
});

describe('the folder of Debian, 1733', () => {
  it('is used as it is', async () => {
    const path = await newFolder();
    await chmod(path, 0o1733);
    await put(await openAt(path), ID, 'a');
    expect(await filesOf(path)).toEqual([join(path, `sess_${ID}`)]);
  });

  it.each([0o777, 0o733, 0o755, 0o1777])('is refused with the mode %o', async (mode) => {
    const path = await newFolder();
    await chmod(path, mode);
    expect(await faultOf(path)).toMatch(/^store\.path: /);
  });

  it('is refused as a symbolic link', async () => {
    const path = await newFolder();
    await symlink(path, `${path}-link`);
    expect(await faultOf(`${path}-link`)).toContain('symbolic link');
  });
});
