import type { LockKind } from './file-lock.js';

/** The bytes of a session, and the time of its last use. */
export interface SharedContent {
  readonly bytes: Buffer;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** One session as PHP keeps it, in the hands of somebody who may change it. What has a moment `latest` (`performance.now()`) does
 *  nothing after it, and rejects then with a SessionStoreError. */
export interface SharedFile {
  /** Reads the session, but at most `most` bytes. */
  read(most?: number): Promise<SharedContent>;
  /** Replaces the content `before` by `bytes`. */
  write(bytes: Buffer, before: Buffer, latest?: number): Promise<void>;
  /** Sets the time of last use, from which the idle timeout runs. */
  touch(now: Date): Promise<void>;
  /** Removes the content, so that a process that waits for the lock finds no session. */
  empty(latest?: number): Promise<void>;
}

/** The place where PHP keeps its sessions: a folder, or a Redis. */
export interface SharedPlace {
  /** Runs `work` on the session of an id, alone if `kind` is `exclusive`. Resolves to `undefined` if there is none. Rejects with the
   *  code `locked` if another process holds the lock until `until`, a time of `performance.now()`. */
  use<R>(
    id: string,
    kind: LockKind,
    until: number,
    work: (file: SharedFile) => Promise<R>,
  ): Promise<R | undefined>;
  /** Runs `work` on the new session of an id. Rejects with the code `EEXIST` if there is one. */
  create<R>(id: string, work: (file: SharedFile) => Promise<R>): Promise<R>;
  /** Removes a session, whoever has its lock, but not after `latest` (`performance.now()`). Resolves to `false` if there was none. */
  remove(id: string, latest?: number): Promise<boolean>;
  /** Returns the other user who owns the session of an id, where there are users. */
  foreignOwner(id: string): Promise<number | undefined>;
}
