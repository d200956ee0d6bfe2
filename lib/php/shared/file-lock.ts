import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { codeOf } from '../../errors/session-store.error.js';
import { loadPeer } from '../../peers/load-peer.js';

/** `shared`: many may read; `exclusive`: one may write. */
export type LockKind = 'shared' | 'exclusive';

/** sys/file.h, the same on Linux, the BSDs and macOS. */
const OPERATIONS: Readonly<Record<LockKind, number>> = { shared: 1, exclusive: 2 };
const NON_BLOCKING = 4;
/** Of what {@link FileLock.take} rejects with. */
const LOCKED = 'locked';
const { EWOULDBLOCK, EINTR } = constants.errno;

/** Milliseconds between two attempts: the first, and the most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 20;

/** flock(2), by which PHP holds a session's file. It belongs to the open file and goes when that is closed. */
export class FileLock {
  private constructor(
    private readonly flock: (fd: number, operation: number) => number,
    private readonly errno: () => number,
  ) {}

  /** Rejects with a SessionConfigError at the option `path` where koffi is not installed. */
  static async load(path: string): Promise<FileLock> {
    const { default: koffi } = await loadPeer<typeof import('koffi')>('koffi', path);
    const library = koffi.load(null); // what this process has loaded, whichever C library that is
    const flock = library.func('int flock(int fd, int operation)') as (
      fd: number,
      operation: number,
    ) => number;
    return new FileLock(flock, () => koffi.errno());
  }

  /** Takes a lock without ever blocking the thread, by asking again from time to time. Rejects with the code `locked`
   *  when somebody else holds it at `until` (of `performance.now()`). */
  async take(fd: number, kind: LockKind, until: number): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.tryTake(fd, kind); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if (performance.now() >= until) throw Object.assign(new Error(), { code: LOCKED });
      await wait(pause * (0.5 + Math.random()));
    }
  }

  /** Whether the lock is ours now. */
  tryTake(fd: number, kind: LockKind): boolean {
    if (this.flock(fd, OPERATIONS[kind] | NON_BLOCKING) === 0) return true;
    const errno = this.errno();
    if (errno === EWOULDBLOCK || errno === EINTR) return false;
    throw Object.assign(new Error(), { code: getSystemErrorName(-errno) });
  }
}

/** For what is done only where nobody else holds the file. */
export function heldOnly(error: unknown): undefined {
  if (codeOf(error) !== LOCKED) throw error;
}
