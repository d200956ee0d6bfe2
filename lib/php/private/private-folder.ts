import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { linkFile, makeFolder, removeFile, writeNewFile, type FileOwner } from './private-file.js';

/** The bits of a mode with which the group or other users can list a folder, or add to it. */
const READ = 0o044;
const WRITE = 0o022;
/** In a sticky folder only the owner of a file can rename or remove it. */
const STICKY = 0o1000;

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
  checkKind(path, stats);
  if (stats.uid !== uid && stats.uid !== 0)
    throw fault(`${path} belongs to another user; run: chown ${uid} ${quoted(path)}`);
  if (stats.mode & READ) throw fault(`other users can read ${path}; run: chmod 700 ${quoted(path)}`);
  const shared = Boolean(stats.mode & WRITE);
  if (shared && !(stats.mode & STICKY))
    throw fault(
      `other users can write to ${path}; run: chmod 700 ${quoted(path)}, or chmod 1733 if several users share it`,
    );
  return shared;
}

/** Makes a folder for this user in a shared one. Checks it, because another user may have made it first. */
async function makeOwnInside(parent: string, { uid }: FileOwner): Promise<string> {
  const path = join(parent, `session-crypto-${uid}`);
  await makeFolder(path).catch(notWritable(parent));
  const stats = await statsOf(path);
  checkKind(path, stats);
  if (stats.uid !== uid)
    throw fault(
      `${path} belongs to another user; have it removed, or name a folder that no other user can write to`,
    );
  if (stats.mode & 0o077) throw fault(`other users can use ${path}; run: chmod 700 ${quoted(path)}`);
  return path;
}

/** Refuses a symbolic link, because its owner could lead it to another folder later. */
function checkKind(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw fault(`${path} is a symbolic link; write the path of the folder itself`);
  if (!stats.isDirectory())
    throw fault(`${path} is not a folder; write the path of a folder that holds nothing but sessions`);
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
    );
  }
}

const notWritable = (path: string) => (error: unknown) => {
  throw fault(`${path} cannot be written to (${codeOf(error)}); make the user of the application its owner`);
};

/** Returns a path in quotes for a shell. */
const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

const fault = (message: string) => new SessionConfigError([{ path: 'store.path', message }]);
