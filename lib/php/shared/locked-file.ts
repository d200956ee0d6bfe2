import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { codeOf } from '../../errors/session-store.error.js';
import { MAX_FILE_BYTES } from '../files/file-row.js';
import type { FileOwner } from '../files/private-file.js';
import type { FileLock, LockKind } from './file-lock.js';

/** Without O_NONBLOCK, opening a planted FIFO would wait for its other end. */
const CAREFULLY = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FLAGS: Readonly<Record<LockKind, number>> = {
  shared: constants.O_RDONLY | CAREFULLY,
  exclusive: constants.O_RDWR | CAREFULLY,
};
const NEW = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** What open(2) says where there is no file of ours: none, a symbolic link, a socket, a folder, somebody else's. */
const NO_FILE = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR', 'ENOTDIR', 'EACCES']);

/** What stood in a file, and when it was last used. */
export interface FileContent {
  readonly bytes: Buffer;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** A session's file as PHP keeps it, open and locked: it is written in place and never renamed, since whoever waits for
 *  its lock waits for this very file. */
export class LockedFile {
  private constructor(private readonly handle: FileHandle) {}

  /** Runs `work` while the lock is held; `undefined` where there is no file that is ours. A file that was unlinked while
   *  its lock was waited for is none: what is there by that name then is opened in its place. */
  static async use<R>(
    path: string,
    kind: LockKind,
    { lock, owner, until }: { lock: FileLock; owner: FileOwner; until: number },
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R | undefined> {
    for (;;) {
      const handle = await open(path, FLAGS[kind]).catch(notOurs);
      if (!handle) return undefined;
      try {
        if (!isOurs(await handle.stat(), owner)) return undefined;
        await lock.take(handle.fd, kind, until);
        const { nlink } = await handle.stat();
        if (nlink > 1) return undefined; // somebody has given it an id that they know
        if (nlink) return await work(new LockedFile(handle));
      } finally {
        await handle.close(); // which lets the lock go
      }
    }
  }

  /** Runs `work` on a new file, which is locked before anybody can know its name. Rejects with the code `EEXIST` where
   *  there is one. */
  static async create<R>(
    path: string,
    mode: number,
    lock: FileLock,
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R> {
    const handle = await open(path, NEW, mode); // less the umask, as in PHP
    try {
      lock.tryTake(handle.fd, 'exclusive');
      return await work(new LockedFile(handle));
    } finally {
      await handle.close();
    }
  }

  /** When it was last used, in milliseconds since 1970. */
  async usedAt(): Promise<number> {
    return (await this.handle.stat()).mtimeMs;
  }

  /** All that stands in it, or as much as `most`: it may have grown without end since it was opened. */
  async read(most = MAX_FILE_BYTES): Promise<FileContent> {
    const { size: actual, mtimeMs } = await this.handle.stat();
    const size = Math.min(actual, most);
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size;) {
      const { bytesRead } = await this.handle.read(bytes, at, size - at, at);
      if (!bytesRead) return { bytes: bytes.subarray(0, at), usedAt: mtimeMs };
      at += bytesRead;
    }
    return { bytes, usedAt: mtimeMs };
  }

  /** Puts `bytes` in the place of `before`, or `before` back where that fails, and waits for the disk. */
  async write(bytes: Buffer, before: Buffer): Promise<void> {
    try {
      await this.put(bytes, before.length);
    } catch (error) {
      await this.put(before, Infinity).catch(() => undefined); // the disk is full: these bytes have their place already
      throw error;
    }
    await this.handle.sync();
  }

  /** The idle clock is the file's time of change. */
  async touch(now: Date): Promise<void> {
    await this.handle.utimes(now, now);
  }

  /** Whoever waits for the lock finds nothing. */
  async empty(): Promise<void> {
    await this.handle.truncate(0);
  }

  private async put(bytes: Buffer, length: number): Promise<void> {
    for (let at = 0; at < bytes.length;)
      at += (await this.handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
    if (bytes.length < length) await this.handle.truncate(bytes.length);
  }
}

function notOurs(error: unknown): undefined {
  if (!NO_FILE.has(codeOf(error))) throw error;
}

/** PHP takes the files of root too, and as root everybody's. */
const isOurs = (stats: Stats, { uid, mode }: FileOwner): boolean =>
  stats.isFile() &&
  stats.uid === uid &&
  !(stats.mode & 0o022 & ~mode) && // nobody else can have written it
  stats.size <= MAX_FILE_BYTES;
