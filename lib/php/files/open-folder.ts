import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { linkFile, makeFolder, removeFile, writeNewFile, type FileOwner } from './private-file.js';

const READ = 0o044;
const WRITE = 0o022;
const STICKY = 0o1000;

/** A folder that was named, once it is certain that nobody else can read or rename in it, and whether others may add to
 *  it (sticky and not to be listed, as Debian's folder for PHP). Rejects with a SessionConfigError that says how to mend
 *  it. */
export async function checkFolder(
  path: unknown,
  owner: FileOwner,
): Promise<{ readonly path: string; readonly shared: boolean }> {
  if (typeof path !== 'string' || !path || path.includes('\0') || !isAbsolute(path))
    throw fault(
      `is ${typeof path === 'string' && path ? 'not an absolute path' : kindOf(path)}; there is no default: name a ` +
        'folder of its own for the sessions, from the root on',
    );
  const named = resolve(path); // without the slash at its end, which would follow a symbolic link
  return { path: named, shared: checkNamed(named, await statsOf(named), owner) };
}

/** The folder that the rows go to, once it is certain that nobody else can read, write or rename in it: the one that
 *  was named or, where others may add to that (sticky and not to be listed, as Debian's folder for PHP), one of our own
 *  inside it. Rejects with a SessionConfigError that says how to mend it. */
export async function openFolder(path: unknown, owner: FileOwner): Promise<string> {
  const { path: named, shared } = await checkFolder(path, owner);
  const folder = shared ? await ownInside(named, owner) : named;
  await tryOut(folder, owner);
  return folder;
}

/** Whether others may add to it. */
function checkNamed(path: string, stats: Stats, { uid }: FileOwner): boolean {
  checkKind(path, stats);
  if (stats.uid !== uid && stats.uid !== 0)
    throw fault(`${path} belongs to another user; run: chown ${uid} ${quoted(path)}`);
  if (stats.mode & READ)
    throw fault(`others than its owner may read ${path}; run: chmod 700 ${quoted(path)}`);
  const shared = Boolean(stats.mode & WRITE);
  if (shared && !(stats.mode & STICKY))
    throw fault(
      `others than its owner may write to ${path}; run: chmod 700 ${quoted(path)}, or chmod 1733 where several ` +
        'users are to share it',
    );
  return shared;
}

/** In a shared folder anybody may have made ours before us. */
async function ownInside(parent: string, { uid }: FileOwner): Promise<string> {
  const path = join(parent, `session-crypto-${uid}`);
  await makeFolder(path).catch(refused(parent));
  const stats = await statsOf(path);
  checkKind(path, stats);
  if (stats.uid !== uid)
    throw fault(`${path} was made by another user; have it removed, or name a folder of its own`);
  if (stats.mode & 0o077)
    throw fault(`others than its owner may use ${path}; run: chmod 700 ${quoted(path)}`);
  return path;
}

function checkKind(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw fault(`${path} is a symbolic link; name the folder that it leads to`);
  if (!stats.isDirectory()) throw fault(`${path} is no folder; name a folder of its own for the sessions`);
}

/** Writing, linking and removing a file, as every save does: not every file system has links. */
async function tryOut(folder: string, { mode }: FileOwner): Promise<void> {
  const name = join(folder, `${randomBytes(16).toString('hex')}.try`);
  await writeNewFile(name, Buffer.alloc(0), mode).catch(refused(folder));
  try {
    await linkFile(name, `${name}2`);
    await removeFile(`${name}2`);
  } catch (error) {
    throw fault(
      `the file system of ${folder} has no hard links (${codeOf(error)}); name a folder on a local disk`,
    );
  } finally {
    await removeFile(name);
  }
}

async function statsOf(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT') throw fault(`${path} cannot be looked at (${code})`);
    throw fault(`${path} does not exist; run: install -d -m 700 ${quoted(path)}`);
  }
}

const refused = (path: string) => (error: unknown) => {
  throw fault(
    `${path} cannot be written to (${codeOf(error)}); give it to the user that the application runs as`,
  );
};

/** As a shell takes it. */
const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

const fault = (message: string) => new SessionConfigError([{ path: 'store.path', message }]);
