import type { Awaitable } from '../crypto/awaitable.js';

/** `live`: a session; `moved`: an old row whose `sealed` names its successor; `ended`: a tombstone without payload. */
export type RowState = 'live' | 'moved' | 'ended';

/** A session where it waits: bytes that only the envelope can read, and what is needed to find, guard and remove it.
 *  No column is trusted: who reads the row believes the sealed part. */
export interface SessionRow {
  /** 32 bytes, SHA-256 of the token. */
  readonly key: Buffer;
  /** The envelope, bound to {@link key}; empty in an `ended` row. */
  readonly sealed: Buffer;
  readonly subject: string | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** Upper bound of the row's life; may be removed afterwards. */
  readonly deadline: Date;
}

/** What of a row is read with every request. */
export interface LoadedRow {
  readonly key: Buffer;
  readonly sealed: Buffer;
  /** Rises by one with every replace. */
  readonly version: number;
  readonly state: RowState;
  /** The store's clock at the moment of reading. */
  readonly now: Date;
}

/** A whole row as it was found. */
export type FoundRow = SessionRow & LoadedRow;

/** What is left of a row that was moved or ended. */
export interface Tombstone {
  readonly state: 'moved' | 'ended';
  /** The sealed token of the successor, bound to the old row, or empty. An `ended` row that has one leads a logout there
   *  and nobody else. */
  readonly sealed: Buffer;
  /** Kept at least until then. */
  readonly deadline: Date;
}

/** `saved`; `conflict`: no live row at that version, load it to learn why; `gone`: the store knows that no live row is left. */
export type ReplaceResult = 'saved' | 'conflict' | 'gone';

/** What a list shows of a session. */
export type ListedRow = Omit<SessionRow, 'sealed' | 'deadline'>;

/** Keeps rows. Absent, expired and malformed are all `undefined`; a throw means that the store itself failed;
 *  ending what is not there is fine. Every method is one atomic step. `lib/testing` has the contract as a suite. */
export interface SessionStore {
  /** Name that enters the envelope's context. */
  readonly kind: string;
  /** Name of the table, which enters the envelope's context too. */
  readonly name: string;
  /** Whether `replace` and `move` are guarded by the version. Adapters over foreign stores may not be. */
  readonly guarded: boolean;

  /** The row, live or tombstone, whose deadline has not passed. */
  load(key: Buffer): Promise<LoadedRow | undefined>;
  /** A new live row at version 1. Rejects with a SessionStoreError of the reason `duplicate` when there is a row of that
   *  key, whatever its state. */
  create(row: SessionRow): Promise<void>;
  /** Puts `row` in place of the live row of its key, if that is still at `version`; the version rises by one. */
  replace(row: SessionRow, version: number): Promise<ReplaceResult>;
  /** In one step: the live row `oldKey` at `version` becomes `tombstone`, and `row` a new live row at version 1. */
  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult>;
  /** The live row becomes a tombstone `ended` kept until `deadline`; `false` when there was no live row. */
  destroy(key: Buffer, deadline: Date): Promise<boolean>;

  /** The same data under the same version, sealed anew: moves the idle clock. Nothing happens when the live row is
   *  at another version. */
  touch?(row: SessionRow, version: number): Promise<void>;
  /** Removes rows whose deadline has passed, a bounded number at a time; says how many. */
  prune?(): Promise<number>;
  /** Live rows of a subject, newest first. */
  list?(subject: string): Promise<ListedRow[]>;
  /** Ends every live row of a subject but one; says how many ended. */
  destroySubject?(subject: string, deadline: Date, except: Buffer | undefined): Promise<number>;
  /** How many live rows there are. */
  count?(): Promise<number>;
  /** Live rows in the order of their keys, at most `limit`, after one key; for sealing anew. */
  scan?(after: Buffer | undefined, limit: number): Promise<FoundRow[]>;
  /** The store's clock, as well as this process knows it. Absent: the process's own. */
  now?(): Date;
  /** Called once before the first use, and once at shutdown. */
  open?(resolve: ResolveToken): Awaitable<void>;
  close?(): Awaitable<void>;
}

/** Finds a provider of the application by its injection token; rejects when there is none. */
export type ResolveToken = (token: unknown) => unknown;
