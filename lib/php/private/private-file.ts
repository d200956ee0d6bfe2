import { constants, link, mkdir, open, stat, unlink, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { codeOf } from '../../errors/session-store.error.js';

/** The largest file that is read or written, in bytes: the greatest `payloadLimit`, and room for header and envelope. */
export const MAX_FILE_BYTES = 67_108_864 + 65_536;

/** O_NONBLOCK, because otherwise open(2) of a planted FIFO would wait for its writer. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** The codes with which open(2) refuses a symbolic link and a socket. */
const NO_FILE = new Set(['ELOOP', 'ENXIO']);
/** The hard links that a file may have: its own name, a claim on it, and a few that a backup may add. */
const MAX_LINKS = 8;

/** The user that a file must belong to, and its mode, which says what the group may do with it. */
export interface FileOwner {
  readonly uid: number;
  readonly mode: number;
}

/** Reads all bytes of a file. Returns `absent` if there is none. Returns `refused` if it is no regular file of `owner`, if
 *  other users can use it, if it has too many hard links, or if it is too large. Rejects if the system fails. */
export async function readOwnFile(path: string, owner: FileOwner): Promise<Buffer | 'absent' | 'refused'> {
  const handle = await open(path, READ).catch(notReadable);
  if (typeof handle === 'string') return handle;
  try {
    const stats = await handle.stat();
    return isOwn(stats, owner) ? await readBytes(handle, stats.size) : 'refused';
  } finally {
    await handle.close();
  }
}

/** Writes a new file and waits until the disk has it. Rejects with the code `EEXIST` if the name is taken, and with `EFBIG`
 *  if there are more than {@link MAX_FILE_BYTES}. */
export async function writeNewFile(path: string, bytes: Buffer, mode: number): Promise<void> {
  if (bytes.length > MAX_FILE_BYTES) throw Object.assign(new Error(), { code: 'EFBIG' });
  const handle = await open(path, WRITE, 0o600);
  try {
    if (mode !== 0o600) await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await removeFile(path).catch(() => false); // for example on a full disk
    throw error;
  } finally {
    await handle.close();
  }
}

/** Removes a file. Returns `false` if there was none. */
export const removeFile = (path: string): Promise<boolean> => unlessCode('ENOENT', unlink(path));

/** Gives a file one more name, by a hard link. Returns `false` if the name is taken. */
export const linkFile = (path: string, name: string): Promise<boolean> =>
  unlessCode('EEXIST', link(path, name));

/** Makes a folder that only its owner can use. Returns `false` if there is something with this name already. */
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

/** Milliseconds after which a file without its row counts as left by a crash. */
const STALE = 3_600_000;

/** Reports whether a file is so old that no running operation can have made it. */
export async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Returns `true` if an operation succeeds and `false` if it fails with this code. Rejects with any other failure. */
export const unlessCode = (code: string, operation: Promise<unknown>): Promise<boolean> =>
  operation.then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === code) return false;
      throw error;
    },
  );

/** Reads `size` bytes from the beginning of a file, or fewer if the file has become shorter in the meantime. */
export async function readBytes(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at);
    if (!bytesRead) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

function notReadable(error: unknown): 'absent' | 'refused' {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'absent';
  if (NO_FILE.has(code)) return 'refused';
  throw error;
}

/** Reports whether only the owner, and the group as far as `mode` allows it, can use the file. */
function isOwn(stats: Stats, { uid, mode }: FileOwner): boolean {
  const forOthers = stats.mode & 0o077 & ~mode;
  return (
    stats.isFile() &&
    stats.uid === uid &&
    !forOthers &&
    stats.nlink <= MAX_LINKS &&
    stats.size <= MAX_FILE_BYTES
  );
}
