import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { quoted } from '../private/folder-access.js';
import { BY_SUBJECT } from './subject-index.js';

const LEVEL = /^[0-9a-f]{2}$/;

/** Checks the folders inside the folder of the store. While other users could still write there, one of them may have made a
 *  symbolic link or a folder, through which files would go elsewhere. Rejects with a SessionConfigError. */
export async function checkInside(root: string, depth: number, uid: number): Promise<void> {
  const inRoot = (await foldersIn(root)).filter((name) => name === BY_SUBJECT || (depth && LEVEL.test(name)));
  for (const name of inRoot) await checkOwner(join(root, name), uid);
  for (const name of inRoot)
    if (name === BY_SUBJECT || depth > 1)
      for (const one of await foldersIn(join(root, name))) await checkOwner(join(root, name, one), uid);
}

/** Returns the names of folders and symbolic links in a folder. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((one) => one.isDirectory() || one.isSymbolicLink()).map(({ name }) => name);
}

async function checkOwner(path: string, uid: number): Promise<void> {
  const stats = await lstat(path);
  const words = stats.isSymbolicLink()
    ? 'is a symbolic link'
    : stats.uid !== uid && 'belongs to another user';
  if (!words) return;
  const message = `${path} ${words}, so that sessions could be led elsewhere; run as root: rm -r ${quoted(path)}`;
  throw new SessionConfigError([{ path: 'store.path', message }]);
}
