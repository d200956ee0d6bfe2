import type { Awaitable } from '../crypto/awaitable.js';
import { ReferenceTokens } from '../envelope/reference-token.js';
import type { Envelope } from '../envelope/envelope.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import { toSeconds, type SessionTimeouts } from '../record/session-lifetime.js';
import type { SessionRecord } from '../record/session-record.js';
import type { ListedRow, LoadedRow, SessionStore } from '../stores/session-store.interface.js';
import { ConvertedRows } from './converted-rows.js';
import { LockedSaves } from './locked-saves.js';
import { publicId } from './public-id.js';
import type { ForeignRevocations } from './marks/foreign-revocations.js';
import { MigratedRows, type LoadMigrated } from './migrated-rows.js';
import { carryMigration, extendUntilMigration, markMigrated } from './migration-mark.js';
import { refusedText } from './refused-text.js';
import { none, SealedRows, storedSession } from './sealed-rows.js';
import type { SessionEvents } from './session-events.js';
import type { SessionProbes } from './session-probes.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  MoveKind,
  ReusedId,
  SessionRepository,
} from './session-repository.interface.js';
import { SubjectLimit, type SubjectLimitParts } from './subject-limit.js';
import type { SuccessorPointer } from './successor-pointer.js';
import { MAX_OWN_HOPS, SuccessorTrail } from './successor-trail.js';
import { Tombstones } from './tombstones.js';
import { TouchedRows } from './touched-rows.js';

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
  readonly probes?: SessionProbes | undefined;
  /** True if a use of an old id after its grace period ends all sessions of the subject. */
  readonly endReused: boolean;
  /** How many sessions a subject may have; absent for any number. */
  readonly limit?: Pick<SubjectLimitParts, 'policy' | 'timeouts' | 'timeout'> | undefined;
  /** Absent where no foreign sessions are migrated. */
  readonly foreignRevocations?: ForeignRevocations | undefined;
  now(): number;
  /** Maps the store's time to the time that counts; tests shift it. */
  clock(actual: Date): Date;
}

/** Conflicts after which one save locks the row. Most saves meet no other one, and a lock takes four statements. */
const LOCKS_AFTER = 3;
/** The number of successors that are followed from one cookie. */
const MAX_HOPS = 4;

/** The repository of sessions that a server store keeps sealed, while the cookie holds a reference. */
export class StoredRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = true;
  readonly locksAfter = LOCKS_AFTER;
  readonly updateLocked?: NonNullable<SessionRepository['updateLocked']>;
  readonly moveLocked?: NonNullable<SessionRepository['moveLocked']>;
  private readonly rows: SealedRows;
  private readonly tombstones: Tombstones;
  private readonly trail: SuccessorTrail;
  private readonly limit: SubjectLimit | undefined;
  private readonly migrated: MigratedRows;
  private readonly touched: TouchedRows;

  constructor(private readonly parts: StoredRepositoryParts) {
    const { store } = parts;
    this.rows = new SealedRows(parts);
    this.tombstones = new Tombstones(parts);
    const converted = new ConvertedRows(parts.envelope, parts.context);
    this.trail = new SuccessorTrail(store, this.rows, this.tombstones, converted);
    this.migrated = new MigratedRows({
      store,
      rows: this.rows,
      converted,
      now: () => parts.now(),
      judge: (row, identity) => this.judge(row, identity, false, MAX_HOPS),
      revocations: parts.foreignRevocations,
      end: (entry) => this.end(entry),
    });
    this.touched = new TouchedRows({
      store,
      rows: this.rows,
      reload: (entry) => this.reload(entry),
      save: (...args) => this.replace(...args),
    });
    this.limit = parts.limit && this.limitOf(parts.limit);
    if (!store.updateLocked) return;
    const locked = new LockedSaves(store.updateLocked.bind(store), this.rows, this.tombstones);
    this.updateLocked = (...args) => locked.replace(...args);
    this.moveLocked = (...args) => locked.move(...args);
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
    const { tokens } = this.parts;
    const reference = tokens.read(text);
    if (typeof reference === 'string') return refusedText(tokens, text, reference);
    const { token, stale } = reference;
    return this.find({ key: ReferenceTokens.rowKey(token), token }, stale, MAX_HOPS);
  }

  findByKey(key: Buffer): Promise<SessionLookup> {
    return this.find({ key }, false, MAX_OWN_HOPS, true);
  }

  reload({ key, token, cookieOutdated, migratableUntil }: StoredSession): Promise<SessionLookup> {
    const found = this.find({ key, token }, cookieOutdated, MAX_OWN_HOPS, true);
    return migratableUntil ? found.then((one) => markMigrated(one, key, migratableUntil)) : found;
  }

  /** Stores a new row. Rejects if the key exists already, which 256 random bits rule out. */
  create(identity: Identity, record: SessionRecord, until?: number): Promise<StoredSession> {
    const { key } = identity;
    return this.rows
      .seal(key, record, (row) =>
        this.letIn(record.subject, key, undefined, until, () => this.parts.store.create(row, until)),
      )
      .then(() => storedSession(identity, 1, record, true));
  }

  /** Saves the record if the row still has the version that was loaded; resolves to `undefined` otherwise. */
  replace(entry: StoredSession, record: SessionRecord, until?: number): Promise<StoredSession | undefined> {
    return this.rows
      .seal(entry.key, record, (row) =>
        this.parts.store.replace(extendUntilMigration(row, entry), entry.version, until),
      )
      .then((result) =>
        result === 'saved'
          ? carryMigration(entry, storedSession(entry, entry.version + 1, record, entry.cookieOutdated))
          : undefined,
      );
  }

  /** Stores the record under another identity, and turns the old row into a tombstone, in one step of the store. A login
   *  waits until there is room for one more session of the subject. */
  async move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    kind: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const { subject } = record;
    const tombstone = await this.tombstones.ofMoved(entry, to, record, kind);
    const result = await this.rows.seal(to.key, record, (row) => {
      const move = () =>
        this.parts.store.move(entry.key, entry.version, row, extendUntilMigration(tombstone, entry), until);
      const replaced = entry.record.subject === subject ? entry.key : undefined;
      return kind === 'login' ? this.letIn(subject, to.key, replaced, until, move) : move();
    });
    return result === 'saved' ? storedSession(to, 1, record, true) : undefined;
  }

  /** Stores a session once its subject may have one more. It is sealed before, so that one that is too large takes no place. */
  private letIn<R>(
    subject: string | undefined,
    key: Buffer,
    replaced: Buffer | undefined,
    until: number | undefined,
    store: () => Promise<R>,
  ): Promise<R> {
    const { limit } = this;
    return limit && subject !== undefined ? limit.enter(subject, { key, replaced, until }, store) : store();
  }

  /** A session counts by the longest timeouts of all contexts. The column of its subject is not trusted. */
  private limitOf(limit: NonNullable<StoredRepositoryParts['limit']>): SubjectLimit {
    const { parts } = this;
    const rows = new SealedRows({ ...parts, timeouts: { ...parts.timeouts, ...limit.timeouts } });
    return new SubjectLimit({
      ...limit,
      store: parts.store,
      probes: parts.probes,
      now: parts.now,
      isUsable: async (row, subject) => {
        const found = await rows.read(row, row, false);
        return found.kind === 'live' && found.entry.record.subject === subject;
      },
      end: (row, until) => this.endOldest(row, until),
    });
  }

  touch(entry: StoredSession, record: SessionRecord, until?: number): Promise<StoredSession | undefined> {
    return this.touched.touch(entry, record, until);
  }

  /** Ends a session that has to make room for a new one of its subject. */
  private async endOldest(row: ListedRow, until: number): Promise<void> {
    const { session, events } = this.parts;
    if (await this.end(row, undefined, until))
      events.emit('signedOut', { session, id: publicId(row), subject: row.subject, why: 'limit' });
  }

  /** Ends the session, and the one that it was moved to. */
  end(
    entry: Identity & { readonly migratableUntil?: number },
    subject?: string,
    until?: number,
  ): Promise<boolean> {
    return this.trail.end(entry, subject, until);
  }

  /** Ends the foreign sessions of a subject that are not here yet. The store ends the others. */
  async endSubject(subject: string): Promise<void> {
    await this.parts.foreignRevocations?.endSubject(subject);
  }

  /** Ends the foreign sessions of everybody that are not here yet. The store ends the others. */
  async endAll(): Promise<void> {
    await this.parts.foreignRevocations?.endAll();
  }

  /** Returns the key of the session that `key` leads to now: `key` itself, or a successor's. */
  keyNow(key: Buffer): Promise<Buffer> {
    return this.trail.keyNow(key);
  }

  endOf(row: LoadedRow): Awaitable<{ end: number; now: number } | undefined> {
    return this.rows.endOf(row);
  }

  /** Returns the record of the session that a login of the subject has made of an ended one within the grace period, if nothing
   *  has changed it since: who only knows the visitor's cookie and a password must not get what was proved later. */
  async carriedOver({ key }: Identity, subject: string): Promise<SessionRecord | undefined> {
    const row = await this.parts.store.load(key);
    const pointer = row && (await this.tombstones.anyPointer(row));
    if (pointer?.kind !== 'login' && pointer?.kind !== 'relogin') return undefined;
    if (!this.isInGrace(pointer, row!)) return undefined;
    const found = await this.find(identityOf(pointer), false, 0);
    if (found.kind !== 'live' || found.entry.version > 1) return undefined;
    return found.entry.record.subject === subject ? found.entry.record : undefined;
  }

  /** Returns the reference token with its MAC. */
  cookieValue({ token }: StoredSession): string {
    return this.parts.tokens.write(token!);
  }

  migrate(origin: Buffer, load: LoadMigrated, migratableUntil: number): Promise<SessionLookup> {
    return this.migrated.migrate(origin, load, migratableUntil);
  }

  /** Finds the session of an identity. With `own`, the session was read before by this process, so it is followed
   *  after the grace period too. */
  private find(
    identity: Identity,
    cookieOutdated: boolean,
    hops: number,
    own = false,
  ): Promise<SessionLookup> {
    return this.parts.store
      .load(identity.key)
      .then((row) => (row ? this.judge(row, identity, cookieOutdated, hops, own) : none('absent')));
  }

  private judge(
    row: LoadedRow,
    identity: Identity,
    cookieOutdated: boolean,
    hops: number,
    own = false,
  ): Awaitable<SessionLookup> {
    if (row.state === 'live') return this.rows.read(identity, row, cookieOutdated);
    return row.state === 'moved' && hops ? this.follow(row, hops, own) : { kind: 'ended', identity };
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
    if (!endReused || (await this.trail.lastRow(successor.key)).row?.state !== 'live') return;
    if (subject === undefined) {
      await this.end(successor);
      return void events.emit('signedOut', { session, id: publicId(successor), subject, why: 'reused' });
    }
    await this.endSubject(subject);
    const all = (await store.destroySubject?.(subject, this.tombstones.ofEnded().deadline, undefined)) ?? 0;
    const sessions = all + ((await this.end(successor)) ? 1 : 0);
    events.emit('signedOut', { session, id: undefined, subject, sessions, why: 'reused' });
  }
}

const identityOf = ({ token }: SuccessorPointer): Identity => ({ key: ReferenceTokens.rowKey(token), token });
