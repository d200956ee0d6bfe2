import { execSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { fileStore, type FileStoreOptions } from '../../../../lib/php/index.js';
import { filesOf, modeOf, newRow, openStore, useFolders } from '../sealed/stores.js';

const newFolder = useFolders();
const isRoot = process.geteuid!() === 0;

async function faultsOf(options: unknown): Promise<string> {
  const error = await fileStore(options as FileStoreOptions)
    .open()
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SessionConfigError);
  return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`).join('\n');
}

/** Expects the fault, with a remedy that leaves the folder alone, and that the remedy helps. With `isRefused: false`, expects
 *  that the store opens. */
async function expectOwnFolder(path: string, words: RegExp, isRefused = true): Promise<void> {
  if (!isRefused) return void (await openStore(path));
  const before = await modeOf(path);
  const faults = await faultsOf({ path });
  expect(faults).toMatch(words);
  expect(faults).not.toMatch(/chmod|chown/);
  const [, command, own] = /run as root: (install .* (\/\S+)), and write store\.path: '\2'/.exec(faults)!;
  const place = join(await newFolder(), 'own');
  execSync(command!.replace(own!, place));
  await openStore(place);
  expect(await modeOf(path)).toBe(before);
}

async function folderOfMode(mode: number): Promise<string> {
  const path = join(await newFolder(), 'sessions');
  await mkdir(path);
  await chmod(path, mode);
  return path;
}

describe('fileStore at start', () => {
  afterEach(() => vi.restoreAllMocks());

  it('has no default folder', async () => {
    expect(await faultsOf(undefined)).toContain('store.path: is undefined; there is no default');
    expect(await faultsOf({ path: '' })).toContain('store.path: is an empty string');
    expect(await faultsOf({ path: 'sessions' })).toContain('store.path: is not an absolute path');
    expect(await faultsOf({ path: '/a\0b' })).toContain('store.path');
  });

  it('names every other wrong option at once, and never its value', async () => {
    const faults = await faultsOf({ path: '/nowhere', depth: 9.5, mode: 0o644, pruneBatch: 'all' });
    expect(faults).toMatch(/store\.depth: .*\n.*store\.pruneBatch: is a string.*\n.*store\.mode: /);
    expect(faults).not.toMatch(/9\.5|420|all\b/);
  });

  it.each([0o100, 0o604, 0o4600, 0o700, Number.NaN, '600'])('refuses the mode %s', async (mode) => {
    expect(await faultsOf({ path: '/nowhere', mode })).toContain('store.mode');
  });

  it('needs an existing folder, and says how to make it', async () => {
    const path = join(await newFolder(), "it's");
    expect(await faultsOf({ path })).toContain(`install -d -m 700 '${path.replace("'", "'\\''")}'`);
  });

  it('refuses a file, and a symbolic link also with a slash at its end', async () => {
    const root = await newFolder();
    await writeFile(join(root, 'file'), '');
    await symlink(root, join(root, 'link'));
    expect(await faultsOf({ path: join(root, 'file') })).toContain('is not a folder');
    expect(await faultsOf({ path: join(root, 'link') })).toContain('is a symbolic link');
    expect(await faultsOf({ path: `${join(root, 'link')}/` })).toContain('is a symbolic link');
  });

  it.each([
    [0o755, 'other users can read'],
    [0o740, 'other users can read'],
    [0o704, 'other users can read'],
    [0o733, 'other users can write'],
    [0o720, 'other users can write'],
  ])('refuses the mode %o of the folder with the line that mends it', async (mode, words) => {
    const path = await folderOfMode(mode);
    const faults = await faultsOf({ path });
    expect(faults).toContain(words);
    expect(faults).toContain(`chmod 700 '${path}'`);
    await chmod(path, 0o700);
    await openStore(path);
  });

  it.skipIf(!isRoot)('refuses a folder of another user', async () => {
    const path = await folderOfMode(0o700);
    await chown(path, 12_345, 12_345);
    await expectOwnFolder(path, /belongs to another user/);
  });

  it.each([0o1777, 0o1755, 0o1703])('does not change the sticky folder of mode %o', async (mode) => {
    await expectOwnFolder(await folderOfMode(mode), /other users can read/, mode !== 0o1703);
  });

  it('does not change a folder in which other things are', async () => {
    const path = await folderOfMode(0o755);
    await writeFile(join(path, 'index.html'), '');
    await expectOwnFolder(path, /other users can read/);
    await chmod(path, 0o733);
    await expectOwnFolder(path, /other users can write to/);
  });

  it.each(['/tmp', '/', '/usr', '/etc'])('does not change the folder %s of the system', async (path) => {
    await expectOwnFolder(path, /other users can read/);
  });

  it('does not change a sticky folder for the levels of PHP', async () => {
    const faults = await faultsOf({
      path: await folderOfMode(0o1733),
      depth: 1,
      sharedUnsealed: { serializer: 'php' },
    });
    expect(faults).toContain('store.depth: needs a folder that other users cannot write to');
    expect(faults).not.toMatch(/chmod|chown/);
  });

  it('refuses a symbolic link that somebody has left inside, at every level', async () => {
    const elsewhere = await newFolder();
    for (const [place, depth] of [
      ['by-subject', 1],
      ['ab', 1],
      ['by-subject/ab', 1],
      ['ab/cd', 2],
    ] as const) {
      const path = await folderOfMode(0o700);
      if (place.includes('/')) await mkdir(join(path, dirname(place)));
      await symlink(elsewhere, join(path, place));
      const faults = await faultsOf({ path, depth });
      expect(faults).toContain(`store.path: ${join(path, place)} is a symbolic link`);
      execSync(/run as root: (rm -r .*)$/.exec(faults)![1]!);
      await openStore(path, { depth });
    }
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it.skipIf(!isRoot)('refuses a folder inside that belongs to another user', async () => {
    const path = await folderOfMode(0o700);
    await mkdir(join(path, 'by-subject'));
    await chown(join(path, 'by-subject'), 12_345, 12_345);
    expect(await faultsOf({ path })).toContain('by-subject belongs to another user');
  });

  it('makes a folder of its own in one that is shared as on Debian', async () => {
    const path = await folderOfMode(0o1733);
    const store = await openStore(path);
    await store.create(newRow('sealed'));
    const own = join(path, `session-crypto-${process.geteuid!()}`);
    expect(await modeOf(own)).toBe(0o700);
    expect((await filesOf(path)).every((file) => file.startsWith(own))).toBe(true);
  });

  it('refuses a folder of its own that other users may have made', async () => {
    const path = await folderOfMode(0o1733);
    const own = join(path, `session-crypto-${process.geteuid!()}`);
    await symlink(await newFolder(), own);
    expect(await faultsOf({ path })).toContain('is a symbolic link');
    const other = await folderOfMode(0o1733);
    await mkdir(join(other, `session-crypto-${process.geteuid!()}`));
    await chmod(join(other, `session-crypto-${process.geteuid!()}`), 0o770);
    expect(await faultsOf({ path: other })).toContain('chmod 700');
  });

  it('refuses Windows, which has no such owners and modes', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
    expect(await faultsOf({ path: '/sessions' })).toContain('store: fileStore() needs');
  });
});
