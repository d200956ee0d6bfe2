import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { FileLock } from '../../../../lib/php/shared/file-lock.js';
import { LockedFile } from '../../../../lib/php/shared/locked-file.js';
import { useFolders } from '../sealed/stores.js';

const SCRIPT = fileURLToPath(new URL('./process.mjs', import.meta.url));
const newFolder = useFolders();
const owner = { uid: process.geteuid!(), mode: 0o600 };
const soon = (milliseconds = 5000) => performance.now() + milliseconds;
let lock: FileLock;
beforeAll(async () => {
  lock = await FileLock.load('store.sharedUnsealed');
});

async function newFile(text: string): Promise<string> {
  const path = join(await newFolder(), 'sess_a');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function saidBy(child: ChildProcess): Promise<string> {
  let said = '';
  child.stdout!.on('data', (bytes) => (said += bytes));
  await once(child, 'close');
  return said;
}

const start = (...args: string[]) =>
  spawn(process.execPath, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

describe('FileLock', () => {
  it('lets many read and one write', async () => {
    const path = await newFile('');
    const [a, b] = [await open(path), await open(path)];
    try {
      expect([lock.tryTake(a.fd, 'shared'), lock.tryTake(b.fd, 'shared')]).toEqual([true, true]);
      expect(lock.tryTake(a.fd, 'exclusive')).toBe(false);
      await b.close();
      expect(lock.tryTake(a.fd, 'exclusive')).toBe(true);
    } finally {
      await a.close();
    }
  });

  it('waits for another process without blocking this one, and stops in time', async () => {
    const path = await newFile('text');
    const child = start('hold', path);
    await once(child.stdout, 'data');
    const take = (until: number) =>
      LockedFile.use(path, 'shared', { lock, owner, until }, async (file) => (await file.read()).bytes);
    await expect(take(soon(30))).rejects.toMatchObject({ code: 'locked' });
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    const read = take(soon());
    await expect(take(soon(30))).rejects.toMatchObject({ code: 'locked' });
    clearInterval(count);
    expect(turns).toBeGreaterThan(3);
    child.stdin.end('go');
    expect((await read)?.toString()).toBe('text');
  });

  it('is a start error with the package to install if koffi is missing', async () => {
    expect(await saidBy(start('without', '-'))).toMatch(
      /store\.sharedUnsealed.*needs the package koffi: npm install koffi/s,
    );
  });

  it('reports a refusal of the system by its code', () => {
    expect(() => lock.tryTake(999_999, 'shared')).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

describe('LockedFile', () => {
  const use = <R>(path: string, work: (file: LockedFile) => Promise<R>) =>
    LockedFile.use(path, 'exclusive', { lock, owner, until: soon() }, work);

  it('replaces longer bytes by shorter ones in the same file', async () => {
    const path = await newFile('a longer text');
    const { ino } = await stat(path);
    await use(path, async (file) => file.write(Buffer.from('short'), (await file.read()).bytes));
    expect(await readFile(path, 'utf8')).toBe('short');
    expect((await stat(path)).ino).toBe(ino);
  });

  it('restores the old content if the disk is full', async () => {
    const path = await newFile('as it was');
    const limited = spawn(
      'bash',
      ['-c', `ulimit -f 4; exec "$@"`, '-', process.execPath, SCRIPT, 'overflow', path],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, NODE_COMPILE_CACHE: '' },
      },
    );
    expect(await saidBy(limited)).toBe('EFBIG');
    expect(await readFile(path, 'utf8')).toBe('as it was');
  });

  it('is undefined for a missing file and for a folder', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'sess_b'));
    const seen = async () => 'seen';
    expect(await use(join(folder, 'sess_a'), seen)).toBeUndefined();
    expect(await use(join(folder, 'sess_b'), seen)).toBeUndefined();
  });
});
