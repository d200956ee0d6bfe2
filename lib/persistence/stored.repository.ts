import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { ReferenceTokens } from '../envelope/reference-token.js';
import type { Envelope } from '../envelope/envelope.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { LoadedRow, SessionRow, SessionStore } from '../stores/session-store.interface.js';
import type { SessionEvents } from './session-events.js';
import { isAlive, rowDeadline, toDate, toSeconds, type SessionTimeouts } from '../record/session-lifetime.js';
import { decodeRecord, encodeRecord, type SessionRecord } from '../record/session-record.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  MoveKind,
  ReusedId,
  SessionRepository,
} from './session-repository.interface.js';
import { carryMigration, extendUntilMigration, markMigrated } from './migration-mark.js';
import type { SuccessorPointer } from './successor-pointer.js';
import { Tombstones } from './tombstones.js';

/** Everything that a StoredRepository works with. */
export interface StoredRepositoryParts {
  readonly session: string;
  readonly store: SessionStore;
  readonly envelope: Envelope;
  readonly tokens: ReferenceTokens;
  /** The context of the sealed rows: purpose `session`. */
  readonly context: EnvelopeContext;
  /** The context of the tokens that lead from an old row to its successor: purpose `successor`. */
  readonly successorContext: EnvelopeContext;
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  readonly events: SessionEvents;
  /** True if a use of an old id after its grace period ends all sessions of the subject. */
  readonly endReused: boolean;
  now(): number;
  /** Maps the store's time to the time that counts; tests shift it. */
  clock(actual: Date): Date;
}

/** Conflicts after which one save locks the row. Most saves meet no other one, and a lock takes four statements. */
const LOCKS_AFTER = 3;
/** The number of successors that are followed from one cookie. */
const MAX_HOPS = 4;
/** The number of successors that are followed from a session which this process has held open: a long request or a
 *  socket. */
const MAX_OWN_HOPS = 1000;
/** The repository of sessions that a server store keeps sealed, while the cookie holds a reference. */
export class StoredRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = true;
  readonly locksAfter = LOCKS_AFTER;
  readonly updateLocked?: NonNullable<SessionRepository['updateLocked']>;
  readonly moveLocked?: NonNullable<SessionRepository['moveLocked']>;
  private readonly tombstones: Tombstones;

  constructor(private readonly parts: StoredRepositoryParts) {
    this.tombstones = new Tombstones(parts);
    if (!parts.store.updateLocked) return;
    this.updateLocked = (...args) => this.replaceUnderLock(...args);
    this.moveLocked = (...args) => this.moveUnderLock(...args);
  }

  now(): number {
    return this.parts.now();
  }

  /** Makes a new random token (32 bytes) and the key of its row, which is the SHA-256 of the token. The store never
   *  sees the token, so a copied table logs nobody in. */
  identity(): Identity {
    const token = ReferenceTokens.random();
    return { key: ReferenceTokens.rowKey(token), token };
  }

  /** Checks the MAC of the reference token, so that a forged one costs no query, and then loads its row. */
  open(text: string): Awaitable<SessionLookup> {
    const reference = this.parts.tokens.read(text);
    if (typeof reference === 'string') return { kind: 'none', reason: reference, ours: false };
    const { token, stale } = reference;
    return this.find({ key: ReferenceTokens.rowKey(token), token }, stale, MAX_HOPS);
  }

  reload({ key, token, cookieOutdated, migratableUntil }: StoredSession): Promise<SessionLookup> {
    const found = this.find({ key, token }, cookieOutdated, MAX_OWN_HOPS, true);
    return migratableUntil ? found.then((one) => markMigrated(one, key, migratableUntil)) : found;
  }

  /** Stores a new row. Rejects if the key exists already, which 256 random bits rule out. */
  create(identity: Identity, record: SessionRecord): Promise<StoredSession> {
    return this.withRow(identity.key, record, (row) => this.parts.store.create(row)).then(() =>
      storedSession(identity, 1, record, true),
    );
  }

  /** Saves the record if the row still has the version that was loaded; resolves to `undefined` otherwise. */
  replace(entry: StoredSession, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.withRow(entry.key, record, (row) =>
      this.parts.store.replace(extendUntilMigration(row, entry), entry.version),
    ).then((result) =>
      result === 'saved'
        ? carryMigration(entry, storedSession(entry, entry.version + 1, record, entry.cookieOutdated))
        : undefined,
    );
  }

  /** Stores the record under another identity, and turns the old row into a tombstone, in one step of the store. */
  async move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    kind: MoveKind,
  ): Promise<StoredSession | undefined> {
    const tombstone = await this.tombstones.ofMoved(entry, to, record, kind);
    const result = await this.withRow(to.key, record, (row) =>
      this.parts.store.move(entry.key, entry.version, row, extendUntilMigration(tombstone, entry)),
    );
    return result === 'saved' ? storedSession(to, 1, record, true) : undefined;
  }

  private async replaceUnderLock(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined> {
    let saved: StoredSession | undefined;
    const result = await this.parts.store.updateLocked!(entry.key, async (current) => {
      const found = await this.read(entry, current, entry.cookieOutdated);
      const record = found.kind === 'live' ? change(found.entry.record) : undefined;
      if (!record) return undefined;
      const next = storedSession(entry, current.version + 1, record, entry.cookieOutdated);
      saved = carryMigration(entry, next);
      return { row: extendUntilMigration(await this.withRow(entry.key, record, asItIs), entry) };
    });
    return result === 'saved' ? saved : undefined;
  }

  private async moveUnderLock(
    entry: StoredSession,
    to: Identity,
    change: (current: StoredSession) => SessionRecord | undefined,
    kind: MoveKind,
  ): Promise<StoredSession | undefined> {
    let saved: StoredSession | undefined;
    const result = await this.parts.store.updateLocked!(entry.key, async (current) => {
      const found = await this.read(entry, current, entry.cookieOutdated);
      const record = found.kind === 'live' ? change(found.entry) : undefined;
      if (!record) return undefined;
      saved = storedSession(to, 1, record, true);
      const tombstone = await this.tombstones.ofMoved(entry, to, record, kind);
      const row = await this.withRow(to.key, record, asItIs);
      return { row, tombstone: extendUntilMigration(tombstone, entry) };
    });
    return result === 'saved' ? saved : undefined;
  }

  /** Moves the idle clock under the same version. A store without `touch` saves the whole row. */
  async touch(entry: StoredSession, record: SessionRecord): Promise<StoredSession> {
    const { store } = this.parts;
    if (!store.touch) return (await this.replace(entry, record)) ?? entry;
    await this.withRow(entry.key, record, (row) =>
      store.touch!(extendUntilMigration(row, entry), entry.version),
    );
    return carryMigration(entry, storedSession(entry, entry.version, record, entry.cookieOutdated));
  }

  /** Ends the row, and follows it to its successors: the row may have moved since the caller loaded it. The successor of an
   *  anonymous session that logged in is not its holder's to end. With `subject`, it ends only a session of that subject. */
  async end(entry: Identity & { readonly migratableUntil?: number }, subject?: string): Promise<void> {
    let { key } = entry;
    const { deadline } = extendUntilMigration(this.tombstones.ofEnded(), entry);
    for (let hop = 0; hop <= MAX_OWN_HOPS; hop++) {
      if (subject !== undefined && (await this.isAnothers(key, subject))) return;
      if (await this.parts.store.destroy(key, deadline)) return;
      const row = await this.parts.store.load(key);
      const next = row && (await this.successorKey(row));
      if (!next) return;
      key = next;
    }
  }

  /** Returns the key of the session that `key` leads to now: `key` itself, or a successor's. */
  keyNow(key: Buffer): Promise<Buffer> {
    return this.lastRow(key).then((last) => last.key);
  }

  /** Returns the record of the session that a login of the subject has made of an ended one within the grace period. */
  async carriedOver({ key }: Identity, subject: string): Promise<SessionRecord | undefined> {
    const row = await this.parts.store.load(key);
    const pointer = row && (await this.tombstones.anyPointer(row));
    if (pointer?.kind !== 'login' && pointer?.kind !== 'relogin') return undefined;
    if (!this.isInGrace(pointer, row!)) return undefined;
    const found = await this.find(identityOf(pointer), false, MAX_HOPS);
    if (found.kind !== 'live' || found.entry.record.subject !== subject) return undefined;
    return found.entry.record;
  }

  /** Returns the reference token with its MAC. */
  cookieValue({ token }: StoredSession): string {
    return this.parts.tokens.write(token!);
  }

  /** Takes over a session of a foreign format: it stores a row under `origin`, which then moves. A copy of the old
   *  cookie is then followed like any old id. */
  async migrate(origin: Buffer, record: SessionRecord, migratableUntil: number): Promise<SessionLookup> {
    const identity = { key: origin };
    const known = await this.find(identity, false, MAX_HOPS);
    if (known.kind !== 'none' || known.reason !== 'absent')
      return markMigrated(known, origin, migratableUntil);
    try {
      await this.withRow(origin, record, (row) =>
        this.parts.store.create(extendUntilMigration(row, { migratableUntil })),
      );
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return markMigrated(await this.find(identity, false, MAX_HOPS), origin, migratableUntil); // another request was faster
    }
    const entry = storedSession(identity, 1, record, false);
    return { kind: 'live', now: this.now(), entry: { ...entry, migratableUntil } };
  }

  /** Follows an old id for its holder, who may end its successor, to the last row that there is. */
  private async lastRow(key: Buffer): Promise<{ key: Buffer; row: LoadedRow | undefined }> {
    for (let hop = 0; ; hop++) {
      const row = await this.parts.store.load(key);
      const next = row && hop < MAX_OWN_HOPS ? await this.successorKey(row) : undefined;
      if (!next) return { key, row };
      key = next;
    }
  }

  /** Returns the key of the successor that the holder of an old id may end; `undefined` if there is none. */
  private async successorKey(row: LoadedRow): Promise<Buffer | undefined> {
    const pointer = await this.tombstones.anyPointer(row);
    return pointer && pointer.kind !== 'login' ? ReferenceTokens.rowKey(pointer.token) : undefined;
  }

  /** True if the row holds a live session that is not the subject's. Its column is not trusted. */
  private async isAnothers(key: Buffer, subject: string): Promise<boolean> {
    const row = await this.parts.store.load(key);
    if (row?.state !== 'live') return false;
    const found = await this.read({ key }, row, false);
    return found.kind !== 'live' || found.entry.record.subject !== subject;
  }

  /** Finds the session of an identity. With `own`, the session was read before by this process, so it is followed
   *  after the grace period too. */
  private find(
    identity: Identity,
    cookieOutdated: boolean,
    hops: number,
    own = false,
  ): Promise<SessionLookup> {
    return this.parts.store.load(identity.key).then((row): Awaitable<SessionLookup> => {
      if (!row) return none('absent');
      if (row.state === 'live') return this.read(identity, row, cookieOutdated);
      return row.state === 'moved' && hops ? this.follow(row, hops, own) : { kind: 'ended', identity };
    });
  }

  private read(identity: Identity, row: LoadedRow, cookieOutdated: boolean): Awaitable<SessionLookup> {
    const { envelope, context, payloadLimit, timeouts } = this.parts;
    return andThen(envelope.open(row.sealed, context, row.key), (opened): SessionLookup => {
      if (typeof opened === 'string') return none(opened);
      const record = decodeRecord(opened.plaintext, payloadLimit);
      if (typeof record === 'string') return none(record);
      const now = toSeconds(this.parts.clock(row.now));
      if (!isAlive(record, now, timeouts)) return none('expired');
      return {
        kind: 'live',
        now,
        entry: storedSession(identity, row.version, record, cookieOutdated, opened.stale),
      };
    });
  }

  /** Follows an old row to its successor. Within the grace period the cookie is sent again; after it, the use of the old
   *  id is reported by {@link reportReuse}. */
  private async follow(row: LoadedRow, hops: number, own: boolean): Promise<SessionLookup> {
    const pointer = await this.tombstones.pointerOfMoved(row);
    if (!pointer) return { kind: 'ended' };
    const identity = identityOf(pointer);
    if (own || this.isInGrace(pointer, row)) return this.find(identity, true, hops - 1, own);
    return { kind: 'ended', reused: { successor: identity, subject: pointer.subject } };
  }

  private isInGrace({ movedAt }: SuccessorPointer, row: LoadedRow): boolean {
    return toSeconds(this.parts.clock(row.now)) < movedAt + this.parts.timeouts.graceTime;
  }

  /** Reports the use of an old id after its grace period, and ends the sessions of its subject if `session.onReuse`
   *  says so. It ends them once: when the id leads to no live session any more, a further use changes nothing. */
  async reportReuse({ successor, subject }: ReusedId): Promise<void> {
    const { store, events, session, endReused } = this.parts;
    events.emit('reused', { session, subject });
    if (!endReused || (await this.lastRow(successor.key)).row?.state !== 'live') return;
    if (subject !== undefined)
      await store.destroySubject?.(subject, this.tombstones.ofEnded().deadline, undefined);
    await this.end(successor);
  }

  /** Seals a record into its row and passes the row to `use`. Rejects where sealing throws. */
  private withRow<T>(key: Buffer, record: SessionRecord, use: (row: SessionRow) => Promise<T>): Promise<T> {
    try {
      const { envelope, context, payloadLimit } = this.parts;
      const sealed = envelope.seal(encodeRecord(record, payloadLimit), context, key);
      return sealed instanceof Promise
        ? sealed.then((bytes) => use(this.row(key, record, bytes)))
        : use(this.row(key, record, sealed));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private row(key: Buffer, record: SessionRecord, sealed: Buffer): SessionRow {
    return {
      key,
      sealed,
      subject: record.subject,
      createdAt: toDate(record.createdAt),
      lastSeenAt: toDate(record.lastSeenAt),
      deadline: rowDeadline(record, this.parts.timeouts),
    };
  }
}

/** Makes a stored session. It is written out because V8 takes a slow path for a spread that adds keys. */
function storedSession(
  { key, token }: Identity,
  version: number,
  record: SessionRecord,
  cookieOutdated: boolean,
  stale = false,
): StoredSession {
  return { key, token, version, record, stale, cookieOutdated };
}

const asItIs = async <T>(value: T): Promise<T> => value;

const identityOf = ({ token }: SuccessorPointer): Identity => ({ key: ReferenceTokens.rowKey(token), token });

const none = (reason: RejectReason): SessionLookup => ({ kind: 'none', reason, ours: true });

const isDuplicate = (error: unknown) => error instanceof SessionStoreError && error.reason === 'duplicate';
