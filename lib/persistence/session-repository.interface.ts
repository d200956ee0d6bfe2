import type { Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { SessionRecord } from '../record/session-record.js';
import type { ConvertedSession } from './converted-session.interface.js';
import type { LoadedRow } from '../stores/session-store.interface.js';

/** What finds a session. */
export interface Identity {
  /** The row's key, or the id inside the frame where the cookie holds the session. It is public and not a
   *  credential. */
  readonly key: Buffer;
  /** The random token of a server store. It is known when a request brought it or when it was just made. */
  readonly token?: Buffer;
}

/** A session as it is stored. */
export interface StoredSession extends Identity {
  readonly version: number;
  readonly record: SessionRecord;
  /** True if an old key sealed it, so that it is sealed anew with its next save or touch. */
  readonly stale: boolean;
  /** True if the browser's cookie no longer fits, so that it is sent again. */
  readonly cookieOutdated: boolean;
  /** The sealed text, where the cookie holds the session. */
  readonly text?: string;
  /** Seconds since 1970. Present while a session of a foreign format is not yet moved to a native one. Until this
   *  moment its old cookie can come again, so what is left of it is kept as long. */
  readonly migratableUntil?: number;
}

/** An old id that was used after its grace period. */
export interface ReusedId {
  /** What the session moved to. */
  readonly successor: Identity;
  /** The user of the session when it moved; `undefined` for nobody. */
  readonly subject: string | undefined;
}

/** Cookies that led to different sessions, or that were too many to be tried. */
export interface BroughtCookies {
  /** Their values, each once. Unverified. */
  readonly texts: readonly string[];
}

/** What a cookie led to. `pinnedIdentity` is the identity in any case, where a user and not a token finds the
 *  session. */
export type SessionLookup =
  | {
      readonly kind: 'live';
      readonly entry: StoredSession;
      readonly now: number;
      readonly pinnedIdentity?: Identity;
    }
  /** A tombstone: the session was ended, or was moved and its grace period is over. `identity` is what found an ended one.
   *  With `reused`, nobody has raised the alarm yet: other cookies of the request may excuse it. With `brought`, several
   *  cookies came and none counts; a login or a logout ends their sessions. */
  | {
      readonly kind: 'ended';
      readonly identity?: Identity;
      readonly reused?: ReusedId;
      readonly brought?: BroughtCookies;
    }
  /** No session. `ours` is true if the token is authentic, or if no key is there that could tell: then the cookie is left alone. */
  | {
      readonly kind: 'none';
      readonly reason: RejectReason;
      readonly ours: boolean;
      /** The key hint that the bytes name, where it was read. Unverified. */
      readonly hint?: string | undefined;
      readonly pinnedIdentity?: Identity;
    };

/** Why a session gets another id: periodically, because the handler asked for it, or because of a login. */
export type MoveKind = 'periodic' | 'asked' | 'login';

/** Finds and saves sessions. A method that saves returns `undefined` if the row no longer has the version that was
 *  loaded. One with `until` stores nothing after that moment of `performance.now()`, when whoever waits has given up, and then
 *  rejects with a SessionStoreError. */
export interface SessionRepository {
  /** True if sessions are kept on the server, so that they can be merged, followed and ended. */
  readonly onServer: boolean;
  /** True if an old id leads to its successor during the grace period, so that ids can be renewed periodically. */
  readonly followsOldIds: boolean;
  /** True if every save changes the id, so that nothing can be saved after the head of the response. */
  readonly changesIdOnSave?: boolean;
  /** Returns whole seconds since 1970, by the store's clock. */
  now(): number;
  identity(record: SessionRecord): Identity;
  open(text: string): Awaitable<SessionLookup>;
  /** Finds a session by its key, also one whose id was renewed periodically since. No visitor sends the key: the application
   *  has kept it. Absent where a key alone does not open a session. */
  findByKey?(key: Buffer): Promise<SessionLookup>;
  /** Reads a stored session again. */
  reload(entry: StoredSession): Awaitable<SessionLookup>;
  create(identity: Identity, record: SessionRecord, until?: number): Awaitable<StoredSession>;
  replace(entry: StoredSession, record: SessionRecord, until?: number): Awaitable<StoredSession | undefined>;
  /** Is used in place of {@link replace} after {@link locksAfter} conflicts: it reads the session again under a lock, applies
   *  `change`, saves and unlocks. It resolves to `undefined` if the session is gone or `change` returns nothing. Errors
   *  propagate. */
  updateLocked?(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
    until?: number,
  ): Promise<StoredSession | undefined>;
  /** Is used in place of {@link move} after {@link locksAfter} conflicts, in the same way. */
  moveLocked?(
    entry: StoredSession,
    to: Identity,
    change: (current: StoredSession) => SessionRecord | undefined,
    kind: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined>;
  /** The number of conflicts after which one save locks the session; 0 where every save does. */
  readonly locksAfter?: number;
  /** Gives the session another identity. After `periodic`, the old id leads to the new one during the grace period.
   *  After `asked`, it leads there only to {@link end} the session, and so it does when a subject logs in again. After the
   *  `login` of a visitor, it leads there only to carry his values over to a second login of the same subject. */
  move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    kind: MoveKind,
    until?: number,
  ): Awaitable<StoredSession | undefined>;
  /** Moves the idle clock and changes nothing else. It is best effort. Returns `undefined` if the session has ended, so that no
   *  cookie is sent. */
  touch(entry: StoredSession, record: SessionRecord, until?: number): Awaitable<StoredSession | undefined>;
  /** Ends the session, and the session that it was moved to. With `subject`, it ends only a session of that subject. Returns
   *  `true` if one has ended by that, as far as the repository knows. */
  end(
    identity: Identity & { readonly migratableUntil?: number },
    subject?: string,
    until?: number,
  ): Awaitable<boolean | void>;
  /** Ends all sessions of a subject except the one with the key `except`, as far as the store itself does not. Called before
   *  the store is. */
  endSubject?(subject: string, except: Buffer | undefined): Promise<void>;
  /** Ends all sessions of everybody, as far as the store itself does not. Called before the store is. */
  endAll?(): Promise<void>;
  /** Reports the use of an old id after its grace period, and ends the sessions of its subject if `session.onReuse` says so.
   *  Absent where an old id leads nowhere. */
  reportReuse?(reused: ReusedId): Promise<void>;
  /** Returns the key of the session that a key leads to now. Absent where an old id leads nowhere. */
  keyNow?(key: Buffer): Promise<Buffer>;
  /** Returns when the session in a live row ends by its sealed clocks, and the time that counts, in seconds since 1970;
   *  `undefined` for a row that does not open. Absent where rows have no deadline besides. */
  endOf?(row: LoadedRow): Awaitable<{ readonly end: number; readonly now: number } | undefined>;
  /** Returns the record of the session that a login of the subject has made of an ended one within the grace period;
   *  `undefined` if there is none, or if it was changed since. Absent where nothing is left of an ended session. */
  carriedOver?(ended: Identity, subject: string): Promise<SessionRecord | undefined>;
  /** Returns the value of the cookie for this session. */
  cookieValue(entry: StoredSession): string;
  /** Takes over a session of a foreign format. `origin` is 32 bytes that identify it. `load` returns what it holds, or
   *  `undefined` if there is no such session any more; it is asked only for a session that is not known yet, and gets what
   *  `session-crypto convert` has stored of it. */
  migrate(
    origin: Buffer,
    load: (converted?: ConvertedSession) => Awaitable<SessionRecord | undefined>,
    migratableUntil: number,
  ): Awaitable<SessionLookup>;
  /** Throws a SessionStateError that names the value which this repository cannot store. */
  check?(record: SessionRecord): void;
}
