import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { codeOf } from '../../errors/session-store.error.js';
import { loadPeer } from '../../peers/load-peer.js';

/** `shared`: several processes may read. `exclusive`: one process may write. */
export type LockKind = 'shared' | 'exclusive';

/** LOCK_SH, LOCK_EX and LOCK_NB of sys/file.h, which are the same on Linux, the BSDs and macOS. */
const OPERATIONS: Readonly<Record<LockKind, number>> = { shared: 1, exclusive: 2 };
const NON_BLOCKING = 4;
/** The code of the error with which {@link FileLock.take} rejects. */
const LOCKED = 'locked';
const { EWOULDBLOCK, EINTR } = constants.errno;

/** Milliseconds between two attempts: the first pause and the longest. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 20;

/** The lock flock(2), with which PHP locks a session's file. It belongs to the open file and ends when that is closed. */
export class FileLock {
  private constructor(
    private readonly flock: (fd: number, operation: number) => number,
    private readonly errno: () => number,
  ) {}

  /** Loads koffi, through which the C library is called. Rejects with a SessionConfigError at the option `path` if it is
   *  not installed. */
  static async load(path: string): Promise<FileLock> {
    const { default: koffi } = await loadPeer<typeof import('koffi')>('koffi', path);
    const library = koffi.load(null); // the C library that this process has loaded already
    const flock = library.func('int flock(int fd, int operation)') as (
      fd: number,
      operation: number,
    ) => number;
    return new FileLock(flock, () => koffi.errno());
  }

  /** Takes a lock. Tries again after short pauses, so that the thread never blocks. Rejects with the code `locked` if
   *  another process still holds it at `until`, a time of `performance.now()`. */
  async take(fd: number, kind: LockKind, until: number): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.tryTake(fd, kind); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if (performance.now() >= until) throw lockedFault();
      await wait(pause * (0.5 + Math.random()));
    }
  }

  /** Tries once to take a lock. Returns `false` if another process holds it. */
  tryTake(fd: number, kind: LockKind): boolean {
    if (this.flock(fd, OPERATIONS[kind] | NON_BLOCKING) === 0) return true;
    const errno = this.errno();
    if (errno === EWOULDBLOCK || errno === EINTR) return false;
    throw Object.assign(new Error(), { code: getSystemErrorName(-errno) });
  }
}

/** The rejection of work for which another process held the lock too long. */
export const lockedFault = (): Error => Object.assign(new Error(), { code: LOCKED });

/** Handles the rejection of work that may be left out if another process holds the lock. Throws all other errors. */
export function ignoreLocked(error: unknown): undefined {
  if (codeOf(error) !== LOCKED) throw error;
}
