import type { Awaitable } from '../crypto/awaitable.js';
import type { AuditFinding } from './audit-finding.interface.js';
import type { SessionLocks } from './session-locks.interface.js';

/** The state of a row. `live`: a session. `moved`: the row of an old id; `sealed` contains the token of its successor.
 *  `ended`: the tombstone of an ended session. */
export type RowState = 'live' | 'moved' | 'ended';

/** A stored session: bytes that only the envelope can open, and the columns that a store needs to find, guard and remove
 *  them. Readers trust only the sealed part and no column. */
export interface SessionRow {
  /** SHA-256 of the token, 32 bytes. */
  readonly key: Buffer;
  /** The envelope, bound to {@link key}. Empty in an `ended` row. */
  readonly sealed: Buffer;
  /** The user who is logged in; `undefined` for nobody. */
  readonly subject: string | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** Upper bound of the row's life. The store may remove the row afterwards. */
  readonly deadline: Date;
}

/** The part of a row that every request reads. */
export interface LoadedRow {
  readonly key: Buffer;
  readonly sealed: Buffer;
  /** 1 for a new row; each replacement adds one. */
  readonly version: number;
  readonly state: RowState;
  /** The store's clock when the row was read. */
  readonly now: Date;
}

/** A whole row with its version, state and clock. */
export type FoundRow = SessionRow & LoadedRow;

/** The columns that a moved or ended row keeps. */
export interface Tombstone {
  readonly state: 'moved' | 'ended';
  /** The sealed token of the successor, bound to the old row, or empty. In an `ended` row only a logout follows it. */
  readonly sealed: Buffer;
  /** The store keeps the row at least until then. */
  readonly deadline: Date;
}

/** The result of a guarded write. `saved`: done. `conflict`: there was no live row at that version; load it to learn why.
 *  `gone`: the store knows that there is no live row any more. */
export type ReplaceResult = 'saved' | 'conflict' | 'gone';

/** What becomes of a locked row: it is replaced by `row`, or, with a tombstone, it is moved as by {@link SessionStore.move}. */
export interface RowChange {
  readonly row: SessionRow;
  readonly tombstone?: Tombstone;
}

/** The columns that a list of sessions shows. */
export type ListedRow = Omit<SessionRow, 'sealed' | 'deadline'>;

/** The moment of `performance.now()` at which whoever waits for a write gives up, and the client gets 503. The write must not
 *  take effect later than half a second after it. Absent where only {@link StoreLimits} count. */
export type WaitsUntil = number | undefined;

/** Keeps rows on the server. Every method is one atomic step. A row that is absent, expired or malformed is `undefined`,
 *  and ending a row that does not exist is fine. A rejection means that the store itself has failed. The optional methods
 *  are extra abilities: without one, the feature that needs it is not available.
 *
 *  Run `storeContract` of `nestjs-session-crypto/testing` over a store of your own. */
export interface SessionStore {
  /** Name of the kind of store, such as `postgres`. The envelope's context contains it, so it must never change. */
  readonly kind: string;
  /** Name of the table or folder. The envelope's context contains it too. */
  readonly name: string;
  /** `replace` and `move` check the version. An adapter over a foreign store may not be able to, and says `false`. */
  readonly guarded: boolean;

  /** Returns the row, live or tombstone, if its deadline has not passed. */
  load(key: Buffer): Promise<LoadedRow | undefined>;
  /** Creates a live row at version 1. Rejects with a SessionStoreError of the reason `duplicate` if there is a row with
   *  this key, whatever its state. */
  create(row: SessionRow, until?: WaitsUntil): Promise<void>;
  /** Replaces the live row of this key if it is at `version`, and raises the version by one. Never creates a row. */
  replace(row: SessionRow, version: number, until?: WaitsUntil): Promise<ReplaceResult>;
  /** Turns the live row `oldKey` at `version` into `tombstone` and creates `row` as a live row at version 1, in one step. */
  move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until?: WaitsUntil,
  ): Promise<ReplaceResult>;
  /** Turns the live row into an `ended` tombstone without payload, kept until `deadline`. Resolves to `false` if there was
   *  no live row. */
  destroy(key: Buffer, deadline: Date, until?: WaitsUntil): Promise<boolean>;

  /** Locks the live row, calls `change` with it, and does what `change` returns, so that no other write comes between. Used
   *  after some conflicts, since a lock costs more than a guarded write. Resolves to `conflict` if `change` returns nothing,
   *  and rejects with what it throws. Nothing has changed then. */
  updateLocked?(
    key: Buffer,
    change: (current: LoadedRow) => Awaitable<RowChange | undefined>,
    until?: WaitsUntil,
  ): Promise<ReplaceResult>;
  /** The locks of `@SessionLock()`. */
  readonly locks?: SessionLocks;
  /** Stores the same data, sealed again, under the same version, and moves the idle clock. Does nothing if the live row is at
   *  another version or was seen later than `row`, and resolves to `false` then; a store that cannot tell resolves to
   *  nothing. */
  touch?(row: SessionRow, version: number): Promise<boolean | void>;
  /** Removes rows whose deadline has passed, all or a limited number for each call. Returns the number. Absent where the server
   *  removes them by itself, as Redis does. */
  prune?(): Promise<number>;
  /** True if {@link list} misses no session that moves to another key meanwhile, so that sessions can be counted by it. */
  readonly listsAll?: boolean;
  /** Returns the live rows of a subject, the last seen first. */
  list?(subject: string): Promise<ListedRow[]>;
  /** Ends all live rows of a subject except the one with the key `except`. Returns the number. */
  destroySubject?(subject: string, deadline: Date, except: Buffer | undefined): Promise<number>;
  /** Returns the number of live rows. With `seenAfter`, rows that were last seen at that moment or earlier do not count:
   *  their sessions have idled out. */
  count?(seenAfter?: Date): Promise<number>;
  /** Like {@link count}, but from a sample where the store is large. Without it, `count` is asked. */
  estimate?(seenAfter?: Date): Promise<number>;
  /** Returns at most `limit` live rows in the order of their keys, beginning behind the key `after`. Used to seal all rows
   *  again with a new key. */
  scan?(after: Buffer | undefined, limit: number): Promise<FoundRow[]>;
  /** Yields every live row once, in any order. For stores that cannot {@link scan}. */
  scanAll?(): AsyncIterable<FoundRow>;
  /** Resolves if the store can be read and written now, and to `read-only` if its options let it take no writes. Rejects
   *  otherwise. Nothing of it stays in the store. Health checks call it; without it, they load a key that does not exist. */
  ping?(): Promise<'read-only' | void>;
  /** Returns the store's clock, as exactly as this process knows it. Without it, the process's clock counts. */
  now?(): Date;
  /** Everything besides kind and name that must be equal on servers that share sessions, for the audit's fingerprint. */
  readonly equalParameters?: readonly unknown[];
  /** Returns what a security review should know about it. */
  audit?(): readonly AuditFinding[];
  /** Returns what the operator should know at every start, once the store is open. */
  warnings?(): readonly string[];
  /** Called once, before the first use. Rejects with a SessionConfigError if the store cannot be used. */
  open?(resolve: ResolveToken, limits?: StoreLimits): Awaitable<void>;
  /** Called once, at shutdown. */
  close?(): Awaitable<void>;
}

/** How long others wait for a store. */
export interface StoreLimits {
  /** Milliseconds after which whoever waits for one method gives up, and the client gets 503. A write that is still under way
   *  then must not take effect later. */
  readonly timeout: number;
}

/** Finds a provider of the application by its injection token. Throws or rejects if there is none. */
export type ResolveToken = (token: unknown) => unknown;
