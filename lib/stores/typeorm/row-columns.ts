/** Rows of the session table as columns of SQL, and back. */
import type { FoundRow, ListedRow, LoadedRow, RowState, SessionRow } from '../session-store.interface.js';

type Columns = Record<string, unknown>;

/** States by the number in the column `state`. */
const STATES: readonly RowState[] = ['live', 'moved', 'ended'];

/** Returns the parameters of an INSERT. The statement sets version and state itself. */
export const insertValues = (row: SessionRow) => [
  row.key,
  row.sealed,
  row.subject ?? null,
  row.createdAt,
  row.lastSeenAt,
  row.deadline,
];

/** Returns a row that `load` has read. An unknown state counts as ended. */
export const loadedRow = (key: Buffer, columns: Columns, now: Date): LoadedRow => ({
  key,
  sealed: columns['sealed'] as Buffer,
  version: columns['version'] as number,
  state: STATES[columns['state'] as number] ?? 'ended',
  now,
});

/** Returns a row that was read with all its columns. */
export const foundRow = (columns: Columns, now: Date): FoundRow => ({
  ...loadedRow(columns['key'] as Buffer, columns, now),
  subject: (columns['subject'] as string | null) ?? undefined,
  createdAt: columns['created_at'] as Date,
  lastSeenAt: columns['last_seen_at'] as Date,
  deadline: columns['deadline'] as Date,
});

/** Returns a row that `list` has read. */
export const listedRow = (columns: Columns): ListedRow => ({
  key: columns['key'] as Buffer,
  subject: columns['subject'] as string,
  createdAt: columns['created_at'] as Date,
  lastSeenAt: columns['last_seen_at'] as Date,
});
