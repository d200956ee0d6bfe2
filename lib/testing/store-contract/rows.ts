/** Rows for the cases of the contract. */
import { randomBytes } from 'node:crypto';
import type { SessionRow, SessionStore, Tombstone } from '../../stores/session-store.interface.js';

export const MINUTE = 60_000;

/** Returns a moment by the store's clock. */
export const inMinutes = (store: SessionStore, minutes: number): Date =>
  new Date((store.now?.() ?? new Date()).getTime() + minutes * MINUTE);

/** Returns a row with a key of its own. It lives for an hour unless `part` says otherwise. */
export function freshRow(store: SessionStore, part: Partial<SessionRow> = {}): SessionRow {
  const now = inMinutes(store, 0);
  return {
    key: randomBytes(32),
    sealed: Buffer.from('sealed'),
    subject: undefined,
    createdAt: now,
    lastSeenAt: now,
    deadline: inMinutes(store, 60),
    ...part,
  };
}

/** Stores a fresh row and returns it. */
export async function createRow(store: SessionStore, part: Partial<SessionRow> = {}): Promise<SessionRow> {
  const row = freshRow(store, part);
  await store.create(row);
  return row;
}

/** Returns the tombstone of a moved row, kept for a minute. */
export const movedTo = (store: SessionStore, successor = ''): Tombstone => ({
  state: 'moved',
  sealed: Buffer.from(successor),
  deadline: inMinutes(store, 1),
});
