import type { Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { SessionRecord } from '../record/session-record.js';

/** What a session is found by. */
export interface Identity {
  /** The row's key, or the frame's id where the session is in the cookie: public, no credential. */
  readonly key: Buffer;
  /** The random token of a server store; known when it came with a request or was just made. */
  readonly token?: Buffer;
}

/** A session as it is stored. */
export interface StoredSession extends Identity {
  readonly version: number;
  readonly record: SessionRecord;
  /** Sealed by an old key: seal it anew when it can be done. */
  readonly stale: boolean;
  /** The cookie no longer says what it should: send it again. */
  readonly cookieOutdated: boolean;
  /** The sealed text, where the session is in the cookie. */
  readonly text?: string;
  /** Seconds since 1970: the session came in another form and must be moved to one of ours; until then its origin could
   *  come again, so that what is left of it is kept so long. */
  readonly migratableUntil?: number;
}

/** What a cookie led to. `pinnedIdentity`: what a session of this request is known by in any case, such as its user. */
export type SessionLookup =
  | {
      readonly kind: 'live';
      readonly entry: StoredSession;
      readonly now: number;
      readonly pinnedIdentity?: Identity;
    }
  /** A tombstone: this session was ended, or moved too long ago. */
  | { readonly kind: 'ended' }
  /** No session. `ours`: the token is authentic, so the cookie is left alone. */
  | {
      readonly kind: 'none';
      readonly reason: RejectReason;
      readonly ours: boolean;
      readonly pinnedIdentity?: Identity;
    };

/** Why a session gets another id: from time to time, because the handler asked for it, or because somebody logged in. */
export type MoveKind = 'periodic' | 'asked' | 'login';

/** Brings sessions from where they wait and back. `undefined` from a saving method: the row is no longer as it was. */
export interface SessionRepository {
  /** Whether sessions wait on the server, so that they can be merged, followed and ended. */
  readonly onServer: boolean;
  /** Whether an old id leads to its successor for the grace time, so that ids can be renewed from time to time. */
  readonly followsOldIds: boolean;
  /** Whether every save gives another id, so that nothing can be saved once the head has left. */
  readonly changesIdOnSave?: boolean;
  /** Whole seconds by the store's clock. */
  now(): number;
  identity(record: SessionRecord): Identity;
  open(text: string): Awaitable<SessionLookup>;
  /** Reads a stored session again. */
  reload(entry: StoredSession): Awaitable<SessionLookup>;
  create(identity: Identity, record: SessionRecord): Awaitable<StoredSession>;
  replace(entry: StoredSession, record: SessionRecord): Awaitable<StoredSession | undefined>;
  /** In place of {@link replace} where the repository can hold a session fast: reads it again, saves what `change` makes
   *  of it, and lets it go. `undefined` too where `change` gives nothing. What it throws is thrown. */
  updateLocked?(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined>;
  /** The session gets another identity. `periodic`: the old one leads to the new for the grace time; `asked`: it leads
   *  there to {@link end} it and for nothing else; `login`: it leads nowhere. */
  move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    kind: MoveKind,
  ): Awaitable<StoredSession | undefined>;
  /** The same data, its idle clock moved. Best effort. */
  touch(entry: StoredSession, record: SessionRecord): Awaitable<StoredSession>;
  /** Ends the session and whatever it was moved to. */
  end(identity: Identity & { readonly migratableUntil?: number }): Awaitable<void>;
  /** What the cookie has to hold for this entry. */
  cookieValue(entry: StoredSession): string;
  /** Takes in a session that came in another form. `origin` names what it came from (32 bytes). */
  migrate(origin: Buffer, record: SessionRecord, migratableUntil: number): Awaitable<SessionLookup>;
  /** Throws a SessionStateError that names what of a changed record cannot be stored in this form. */
  check?(record: SessionRecord): void;
}
