import { createHash } from 'node:crypto';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { NEVER, toDate } from '../../record/session-lifetime.js';
import type { LoadedRow, SessionRow, SessionStore } from '../../stores/session-store.interface.js';
import { jitter } from '../save-queue.js';

/** How often a change that meets others is tried. */
const MAX_ATTEMPTS = 50;

/** Random bytes behind what a mark says. A store recognises by them a write that it has done already, as by the nonce of an
 *  envelope: two processes may write the same at once. */
const NONCE = 8;

/** A mark was never seen, so that no count has it, and is newer than every session, so that the end of all sessions spares it. */
const NEVER_SEEN = toDate(0);
const NEWER_THAN_ALL = toDate(NEVER);

/** Returns the key of a mark: SHA-256 over its kind and what it is about. No token leads to it, since a token has 32 bytes and
 *  the hashed text has more. */
export const markKey = (kind: string, ...about: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256').update(`nestjs-session-crypto/mark/${kind}\0`);
  for (const part of about) hash.update(part);
  return hash.digest();
};

/** Makes what a mark says next of what it says now; `undefined` leaves it. */
export type MarkChange = (present: Buffer | undefined) => Buffer | undefined;

/** How a mark is changed. */
export interface MarkWriting {
  /** The mark is probably new, so the first attempt does not look. */
  readonly isNew?: boolean;
  /** Nothing is written after this moment of `performance.now()`. */
  readonly until?: number | undefined;
}

/** Small facts beside the sessions, such as which sealed cookies count no more. Each is a row of a session store whose bytes are
 *  not sealed: it says nothing that a reader of the table could use. */
export class MarkRows {
  private pruning: Promise<unknown> | undefined;

  constructor(private readonly store: SessionStore) {}

  /** Resolves to what the mark says, or to `undefined` if there is none. */
  read(key: Buffer): Promise<Buffer | undefined> {
    return this.store.load(key).then(contentOf);
  }

  /** Changes a mark in one step that nobody comes between, and keeps it until `deadline`. Resolves to what it says then. */
  async change(
    key: Buffer,
    make: MarkChange,
    deadline: Date,
    { isNew = false, until }: MarkWriting = {},
  ): Promise<Buffer | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const row = isNew && !attempt ? undefined : await this.store.load(key);
      const next = make(contentOf(row));
      if (!next) return contentOf(row);
      if (await this.write(key, next, deadline, row, until)) return next;
      if (attempt) await jitter(attempt);
    }
    throw new SessionStoreError('mark', 'conflict');
  }

  /** Writes a mark unless it was written since it was read as `present`. */
  async write(
    key: Buffer,
    content: Buffer,
    deadline: Date,
    present: LoadedRow | undefined,
    until?: number,
  ): Promise<boolean> {
    const mark = markRow(key, content, deadline);
    if (present) return (await this.store.replace(mark, present.version, until)) === 'saved';
    try {
      await this.store.create(mark, until);
      return true;
    } catch (error) {
      if (!(error instanceof SessionStoreError) || error.reason !== 'duplicate') throw error;
      if (!(await this.store.load(mark.key))) this.pruneQuietly(); // one that has expired is in the way
      return false;
    }
  }

  /** A request does not wait for it: there may be much to remove. */
  private pruneQuietly(): void {
    this.pruning ??= this.store
      .prune?.()
      .catch(() => undefined) // the store's health has reported it
      .finally(() => (this.pruning = undefined));
  }
}

/** Returns what the row of a mark says; `undefined` if there is none. */
export const contentOf = (row: LoadedRow | undefined): Buffer | undefined => row?.sealed.subarray(0, -NONCE);

/** Returns the row of a mark. */
export const markRow = (key: Buffer, content: Buffer, deadline: Date): SessionRow => ({
  key,
  sealed: Buffer.concat([content, randomPoolBytes(NONCE)]),
  subject: undefined,
  createdAt: NEWER_THAN_ALL,
  lastSeenAt: NEVER_SEEN,
  deadline,
});

/** True if a row holds neither a session nor a mark that says something. */
export const isBlank = ({ sealed }: LoadedRow): boolean => sealed.length <= NONCE;

/** True if a row holds a mark that says something. Its first byte is a kind below 16; that of an envelope is above. */
export const isMark = (row: LoadedRow): boolean => !isBlank(row) && row.sealed[0]! < 0x10;
