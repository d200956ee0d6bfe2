import type { SessionRow, Tombstone } from '../../stores/session-store.interface.js';
import type { FileRow } from './file-row.js';
import type { Draft } from './row-swap.js';

/** A row that holds a session and has not expired. */
export type LiveRow = FileRow & { readonly state: 'live' };

/** Returns the draft of a live row. Copies the known fields only, because `row` may have others too. */
export const liveDraft = (row: SessionRow, version: number): Draft => ({
  key: row.key,
  sealed: row.sealed,
  subject: row.subject,
  createdAt: row.createdAt,
  lastSeenAt: row.lastSeenAt,
  deadline: row.deadline,
  version,
  state: 'live',
});

/** Returns the draft of the tombstone that replaces a live row. */
export const tombstoneDraft = (current: LiveRow, { state, sealed, deadline }: Tombstone): Draft => ({
  ...current,
  state,
  sealed,
  deadline,
  version: current.version + 1,
});
