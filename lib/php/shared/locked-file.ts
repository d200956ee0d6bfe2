import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { codeOf } from '../../errors/session-store.error.js';
import { MAX_FILE_BYTES, readBytes, type FileOwner } from '../private/private-file.js';
import { refuseAfter } from '../../stores/time-limit.js';
import type { FileLock, LockKind } from './file-lock.js';
import type { SharedContent, SharedFile } from './shared-place.interface.js';

/** O_NONBLOCK, because otherwise open(2) of a planted FIFO would wait for its other end. */
const CAREFULLY = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FLAGS: Readonly<Record<LockKind, number>> = {
  shared: constants.O_RDONLY | CAREFULLY,
  exclusive: constants.O_RDWR | CAREFULLY,
};
const NEW = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** The codes with which open(2) refuses a name without a usable file: none, a symbolic link, a socket, a folder, a file of
 *  another user. */
const NO_FILE = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR', 'ENOTDIR', 'EACCES']);

/** The lock of a file, its required owner, and the time limit. */
export interface LockTerms {
  readonly lock: FileLock;
  readonly owner: FileOwner;
  /** A time of `performance.now()`: the lock is waited for until then. */
  readonly until: number;
}

/** A session's file as PHP keeps it, open and locked. It is written in place and never renamed, because a process that waits
 *  for the lock waits for this very file. */
export class LockedFile implements SharedFile {
  private constructor(private readonly handle: FileHandle) {}

  /** Runs `work` while the lock is held. Returns `undefined` if there is no file, or none that only this user can write.
   *  If the file was removed while its lock was waited for, opens the file that has the name by then.
   *  Rejects with the code `locked` if another process holds the lock too long. */
  static async use<R>(
    path: string,
    kind: LockKind,
    { lock, owner, until }: LockTerms,
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R | undefined> {
    for (;;) {
      const handle = await open(path, FLAGS[kind]).catch(notUsable);
      if (!handle) return undefined;
      try {
        if (!isOwn(await handle.stat(), owner)) return undefined;
        await lock.take(handle.fd, kind, until);
        const { nlink } = await handle.stat();
        if (nlink > 1) return undefined; // somebody has given the file a second id, which they know
        if (nlink) return await work(new LockedFile(handle));
      } finally {
        await handle.close(); // ends the lock too
      }
    }
  }

  /** Runs `work` on a new file, which is locked before anybody can know its name. Rejects with the code `EEXIST` if there
   *  is a file with this name. The umask is subtracted from `mode`, as in PHP. */
  static async create<R>(
    path: string,
    mode: number,
    lock: FileLock,
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R> {
    const handle = await open(path, NEW, mode);
    try {
      lock.tryTake(handle.fd, 'exclusive');
      return await work(new LockedFile(handle));
    } finally {
      await handle.close();
    }
  }

  /** Returns the time of its last use, in milliseconds since 1970. */
  async usedAt(): Promise<number> {
    return (await this.handle.stat()).mtimeMs;
  }

  /** Reads the file, but at most `most` bytes, because it may have grown since it was opened. */
  async read(most = MAX_FILE_BYTES): Promise<SharedContent> {
    const { size, mtimeMs } = await this.handle.stat();
    return { bytes: await readBytes(this.handle, Math.min(size, most)), usedAt: mtimeMs };
  }

  /** Replaces the content `before` by `bytes` and waits for the disk. If that fails, writes `before` back, which needs no
   *  more space on a full disk. */
  async write(bytes: Buffer, before: Buffer, latest = Infinity): Promise<void> {
    refuseAfter(latest, 'write');
    try {
      await this.overwrite(bytes, before.length);
    } catch (error) {
      await this.overwrite(before, Infinity).catch(() => undefined);
      throw error;
    }
    await this.handle.sync();
  }

  /** Sets the time of last use, from which the idle timeout runs. It is the file's time of modification, as in PHP. */
  async touch(now: Date): Promise<void> {
    await this.handle.utimes(now, now);
  }

  /** Removes the content, so that a process that waits for the lock finds no session. */
  async empty(latest = Infinity): Promise<void> {
    refuseAfter(latest, 'write');
    await this.handle.truncate(0);
  }

  /** `length` is the length of the old content, of which nothing may remain. */
  private async overwrite(bytes: Buffer, length: number): Promise<void> {
    for (let at = 0; at < bytes.length;)
      at += (await this.handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
    if (bytes.length < length) await this.handle.truncate(bytes.length);
  }
}

function notUsable(error: unknown): undefined {
  if (!NO_FILE.has(codeOf(error))) throw error;
}

/** Reports whether only this user can have written the file. PHP also accepts files of root, and as root those of
 *  everybody; this package does not. */
const isOwn = (stats: Stats, { uid, mode }: FileOwner): boolean =>
  stats.isFile() && stats.uid === uid && !(stats.mode & 0o022 & ~mode) && stats.size <= MAX_FILE_BYTES;
