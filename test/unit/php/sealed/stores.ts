import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionRow } from 'nestjs-session-crypto';
import { afterAll, beforeAll } from 'vitest';
import { FileStore } from '../../../../lib/php/sealed/file.store.js';
import type { FileStoreOptions } from '../../../../lib/php/sealed/file-store-options.js';

let root: string;

/** Returns a function that makes folders. They are removed at the end of the test file. */
export function useFolders(): () => Promise<string> {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'file-store-'));
  });
  afterAll(() => rm(root, { recursive: true }));
  return () => mkdtemp(join(root, 'a-'));
}

export async function openStore(path: string, options: Partial<FileStoreOptions> = {}): Promise<FileStore> {
  const store = new FileStore({ path, ...options });
  await store.open();
  return store;
}

export function newRow(sealed: string, part: Partial<SessionRow> = {}): SessionRow {
  const now = new Date();
  return {
    key: randomBytes(32),
    sealed: Buffer.from(sealed),
    subject: undefined,
    createdAt: now,
    lastSeenAt: now,
    deadline: inMinutes(60),
    ...part,
  };
}

export const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);

/** Returns the paths of all files below a folder. */
export async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** Makes all files two hours old. */
export async function age(path: string): Promise<void> {
  const then = inMinutes(-120);
  for (const file of await filesOf(path)) await utimes(file, then, then);
}

export const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;
