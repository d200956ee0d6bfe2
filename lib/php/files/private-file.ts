import { constants, link, mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { codeOf } from '../../errors/session-store.error.js';
import { MAX_FILE_BYTES } from './file-row.js';

/** Without O_NONBLOCK, opening a planted FIFO would wait for its writer. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** What open(2) says of a symbolic link and of a socket. */
const NO_FILE = new Set(['ELOOP', 'ENXIO']);
/** A row's own name, the claim it was put in place by, and a few that a backup by hard links may add. */
const MAX_LINKS = 8;

/** Who may have a file, and what its group may do with it. */
export interface FileOwner {
  readonly uid: number;
  readonly mode: number;
}

/** All bytes of a file. `absent`: there is none; `refused`: it is no regular file of `owner`, others may use it, it has
 *  too many names or is too large. Rejects where the system fails. */
export async function readOwnFile(path: string, owner: FileOwner): Promise<Buffer | 'absent' | 'refused'> {
  const handle = await open(path, READ).catch(notThere);
  if (typeof handle === 'string') return handle;
  try {
    const stats = await handle.stat();
    return isOwn(stats, owner) ? await readAll(handle, stats.size) : 'refused';
  } finally {
    await handle.close();
  }
}

/** Writes a file that is not there yet, and waits until the disk has it. */
export async function writeNewFile(path: string, bytes: Buffer, mode: number): Promise<void> {
  if (bytes.length > MAX_FILE_BYTES) throw Object.assign(new Error(), { code: 'EFBIG' });
  const handle = await open(path, WRITE, 0o600);
  try {
    if (mode !== 0o600) await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await removeFile(path).catch(() => false); // the disk may be full
    throw error;
  } finally {
    await handle.close();
  }
}

/** `false` when there was none. */
export const removeFile = (path: string): Promise<boolean> => unlessCode('ENOENT', unlink(path));

/** One more name for a file; `false` when that name is taken. */
export const linkFile = (path: string, name: string): Promise<boolean> =>
  unlessCode('EEXIST', link(path, name));

/** A folder that only its owner may use; `false` when it was there. */
export const makeFolder = (path: string): Promise<boolean> =>
  unlessCode('EEXIST', mkdir(path, { mode: 0o700 }));

/** Waits until the disk has the names in a folder. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `true` when it is done, `false` when it fails with that code; other failures reject. */
export const unlessCode = (code: string, done: Promise<unknown>): Promise<boolean> =>
  done.then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === code) return false;
      throw error;
    },
  );

function notThere(error: unknown): 'absent' | 'refused' {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'absent';
  if (NO_FILE.has(code)) return 'refused';
  throw error;
}

function isOwn(stats: Stats, { uid, mode }: FileOwner): boolean {
  const foreign = stats.mode & 0o077 & ~mode;
  return (
    stats.isFile() &&
    stats.uid === uid &&
    !foreign &&
    stats.nlink <= MAX_LINKS &&
    stats.size <= MAX_FILE_BYTES
  );
}

/** Less than `size` when the file is cut short meanwhile. */
async function readAll(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at);
    if (!bytesRead) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}
