/** Rows of the session table as columns of SQL, and back. */
import type { FoundRow, ListedRow, LoadedRow, RowState, SessionRow } from '../session-store.interface.js';
import type { SubjectColumn } from './subject-column.js';

type Columns = Record<string, unknown>;

/** States by the number in the column `state`. */
const STATES: readonly RowState[] = ['live', 'moved', 'ended'];

/** Returns the parameters of an INSERT. The statement sets version and state itself. Moments are milliseconds. */
export const insertValues = (row: SessionRow, subjects: SubjectColumn) => [
  row.key,
  row.sealed,
  subjects.write(row.subject),
  row.createdAt.getTime(),
  row.lastSeenAt.getTime(),
  row.deadline.getTime(),
];

/** Returns a row that `load` has read. An unknown state counts as ended. */
export const loadedRow = (key: Buffer, columns: Columns, now: Date): LoadedRow => ({
  key,
  sealed: bytesOf(columns['sealed']),
  version: Number(columns['version']),
  state: STATES[Number(columns['state'])] ?? 'ended',
  now,
});

/** Returns a row that was read with all its columns. */
export const foundRow = (columns: Columns, subjects: SubjectColumn, now: Date): FoundRow => ({
  ...loadedRow(bytesOf(columns['key']), columns, now),
  subject: subjects.read(columns['subject'] as string | null),
  createdAt: momentOf(columns['created_at']),
  lastSeenAt: momentOf(columns['last_seen_at']),
  deadline: momentOf(columns['deadline']),
});

/** Returns a row that `list` has read. */
export const listedRow = (columns: Columns, subject: string): ListedRow => ({
  key: bytesOf(columns['key']),
  subject,
  createdAt: momentOf(columns['created_at']),
  lastSeenAt: momentOf(columns['last_seen_at']),
});

/** The statements return bytes as base64. */
const bytesOf = (text: unknown): Buffer => Buffer.from(text as string, 'base64');

/** Returns the moment of a column in milliseconds. `pg`'s native client gives it as a text. */
const momentOf = (milliseconds: unknown): Date => new Date(Number(milliseconds));
