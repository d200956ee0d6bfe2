import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { accessFault, isShared, kindFault, ownFolder, quoted, type FolderFault } from './folder-access.js';
import { linkFile, makeFolder, removeFile, writeNewFile, type FileOwner } from './private-file.js';

/** A folder in which no other user can read or rename. */
export interface CheckedFolder {
  /** The absolute path, without a slash at its end. */
  readonly path: string;
  /** True if other users can add files: the folder is sticky and cannot be listed, as Debian's folder for PHP is. */
  readonly shared: boolean;
}

/** Checks the folder that the option `path` names. Rejects with a SessionConfigError that says how to mend it, unless no
 *  other user can read or rename in it. */
export async function checkFolder(path: unknown, owner: FileOwner): Promise<CheckedFolder> {
  if (typeof path !== 'string' || !path || path.includes('\0') || !isAbsolute(path))
    throw fault(
      `is ${typeof path === 'string' && path ? 'not an absolute path' : kindOf(path)}; there is no default; write the ` +
        'absolute path of a folder that holds nothing but sessions',
    );
  const named = resolve(path); // a slash at the end would follow a symbolic link
  return { path: named, shared: checkNamed(named, await statsOf(named), owner) };
}

/** Returns the folder for the rows, in which no other user can read, write or rename. This is the named folder. If other
 *  users can add files there, it is a new folder inside it. Rejects with a SessionConfigError that says how to mend it. */
export async function openFolder(path: unknown, owner: FileOwner): Promise<string> {
  const { path: named, shared } = await checkFolder(path, owner);
  const folder = shared ? await makeOwnInside(named, owner) : named;
  await probe(folder, owner);
  return folder;
}

/** Returns true if other users can add files. */
function checkNamed(path: string, stats: Stats, { uid }: FileOwner): boolean {
  refuse(kindFault(path, stats) ?? accessFault(path, stats, uid));
  return isShared(stats);
}

/** Makes a folder for this user in a shared one. Checks it, because another user may have made it first. */
async function makeOwnInside(parent: string, { uid }: FileOwner): Promise<string> {
  const path = join(parent, `session-crypto-${uid}`);
  await makeFolder(path).catch(notWritable(parent));
  const stats = await statsOf(path);
  refuse(kindFault(path, stats));
  if (stats.uid !== uid)
    throw fault(
      `${path} belongs to another user; have it removed, or name a folder that no other user can write to`,
    );
  if (stats.mode & 0o077) throw fault(`other users can use ${path}; run: chmod 700 ${quoted(path)}`);
  return path;
}

function refuse(found: FolderFault | undefined): void {
  if (found) throw fault(`${found.fault}; ${found.remedy}`);
}

/** Writes, links and removes a file, as every save does, because not every file system has hard links. */
async function probe(folder: string, { mode }: FileOwner): Promise<void> {
  const name = join(folder, `${randomBytes(16).toString('hex')}.try`);
  await writeNewFile(name, Buffer.alloc(0), mode).catch(notWritable(folder));
  try {
    await linkFile(name, `${name}2`);
    await removeFile(`${name}2`);
  } catch (error) {
    throw fault(
      `the file system of ${folder} has no hard links (${codeOf(error)}); write the path of a folder on a local disk`,
    );
  } finally {
    await removeFile(name);
  }
}

/** Does not follow a symbolic link. */
async function statsOf(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw fault(`${path} does not exist; run: install -d -m 700 ${quoted(path)}`);
    throw fault(
      `${path} cannot be inspected (${code}); let the user of the application search its parent folders`,
      code,
    );
  }
}

const notWritable = (path: string) => (error: unknown) => {
  const code = codeOf(error);
  throw fault(`${path} cannot be written to (${code}); ${ownFolder(process.geteuid!())}`, code);
};

const fault = (message: string, reason?: string) =>
  new SessionConfigError([{ path: 'store.path', message, reason }]);
