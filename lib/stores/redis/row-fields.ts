/** Rows as fields of a hash, and back. Moments are milliseconds. */
import type { FoundRow, ListedRow, LoadedRow, RowState, SessionRow } from '../session-store.interface.js';
import type { Argument } from './client.interface.js';
import type { Reply } from './script-runner.js';

const STATES: readonly string[] = ['live', 'moved', 'ended'] satisfies RowState[];

/** Returns the name of a row: what stands behind the prefix in its key. */
export const nameOf = (key: Buffer): string => key.toString('base64url');

/** Returns a moment as scripts take it. */
export const momentOf = (date: Date): string => `${date.getTime()}`;

/** Returns the fields and values of a new row. `indexed` is the moment until which its subject's index has an entry. */
export const newFields = (row: SessionRow, indexed: number): Argument[] => [
  'sealed',
  row.sealed,
  'created',
  momentOf(row.createdAt),
  'seen',
  momentOf(row.lastSeenAt),
  ...(row.subject === undefined ? [] : ['subject', row.subject, 'indexed', `${indexed}`]),
];

/** Returns the row that the script `load` has read. An unknown state counts as ended. */
export function loadedRow(
  key: Buffer,
  { status, now, rest: [version, sealed] }: Reply,
): LoadedRow | undefined {
  if (!status) return undefined;
  return {
    key,
    sealed: sealed ?? Buffer.alloc(0),
    version: Number(version),
    state: STATES.includes(status) ? (status as RowState) : 'ended',
    now: new Date(now),
  };
}

/** What the scripts `describe` and `find` tell of a row. */
export interface RowFacts {
  readonly state: string;
  /** The old row of a move that is not known to be done. */
  readonly hidden: string | undefined;
  readonly subject: string | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** The row to which an old row was moved. */
  readonly next: string | undefined;
  readonly deadline: Date;
}

export function factsOf({ status, rest: [hidden, subject, created, seen, next, deadline] }: Reply): RowFacts {
  return {
    state: status,
    hidden: hidden?.toString(),
    subject: subject?.toString(),
    createdAt: new Date(Number(created)),
    lastSeenAt: new Date(Number(seen)),
    next: next?.toString(),
    deadline: new Date(Number(deadline)),
  };
}

/** Returns a whole live row, which the script `find` has read. */
export const foundRow = (
  name: string,
  { now, rest: [, , , , , , version, sealed] }: Reply,
  { subject, createdAt, lastSeenAt, deadline }: RowFacts,
): FoundRow => ({
  key: Buffer.from(name, 'base64url'),
  sealed: sealed ?? Buffer.alloc(0),
  version: Number(version),
  state: 'live',
  subject,
  createdAt,
  lastSeenAt,
  deadline,
  now: new Date(now),
});

export const listedRow = (name: string, { subject, createdAt, lastSeenAt }: RowFacts): ListedRow => ({
  key: Buffer.from(name, 'base64url'),
  subject,
  createdAt,
  lastSeenAt,
});
