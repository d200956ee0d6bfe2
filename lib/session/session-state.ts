import { settle, type Awaitable } from '../crypto/awaitable.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { ChangeSet, type Change } from '../record/change-set.js';
import type { CommitResult, PendingCommit, SessionCommitter } from '../persistence/session-committer.js';
import type { SessionEvents } from '../persistence/session-events.js';
import { type SessionTimeouts } from '../record/session-lifetime.js';
import { readonlyError, type ReadonlyReason } from './readonly-reason.js';
import { emptyRecord, type SessionRecord } from '../record/session-record.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  SessionRepository,
} from '../persistence/session-repository.interface.js';

export interface SessionParts {
  readonly name: string;
  readonly repository: SessionRepository;
  readonly committer: SessionCommitter;
  readonly timeouts: SessionTimeouts;
  readonly events: SessionEvents;
  /** Told in a full sentence what a developer has to mend. */
  warn(message: string): void;
}

/** One session of one request: what was loaded, what was done to it since, and what the cookie must say. */
export class SessionState {
  /** The session with all changes of this request made to it. */
  current: SessionRecord;
  loaded: StoredSession | undefined;
  /** What the response's cookie must become. */
  cookie: CommitResult['cookie'] = 'keep';
  renew: PendingCommit['renew'] = 'due';
  readonlyReason: ReadonlyReason | undefined;
  /** No cookie may be sent over this connection, so nothing is stored. */
  cookieForbidden = false;
  /** The head has left: no cookie can be sent any more. */
  headSent = false;

  private changes = new ChangeSet();
  private idAction: PendingCommit['idAction'] = 'keep';
  private nextIdentity: Identity | undefined;
  /** What the session is known by whatever becomes of it. */
  private readonly pinnedIdentity: Identity | undefined;
  private ending: StoredSession | undefined;
  private loggedIn = false;
  /** Counts the ends, so that a commit under way notices that it was overtaken by one. */
  private endCount = 0;
  /** Stored, but ended as far as this route goes: only logout still means it. */
  private hiddenByRoute: StoredSession | undefined;
  private dropped: boolean;
  private destroyed = false;
  private lost = false;
  private watching = false;
  private blankRecord: SessionRecord | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly parts: SessionParts,
    found: SessionLookup,
  ) {
    this.dropped = found.kind === 'ended';
    this.pinnedIdentity = found.kind === 'ended' ? undefined : found.pinnedIdentity;
    this.loaded = found.kind === 'live' ? found.entry : undefined;
    this.current = this.loaded?.record ?? this.blank();
  }

  /** What the session is, or will be, known by. */
  get identity(): Identity {
    return this.loaded && this.idAction === 'keep' ? this.loaded : this.next;
  }

  get timeouts(): SessionTimeouts {
    return this.parts.timeouts;
  }

  now(): number {
    return this.parts.repository.now();
  }

  /** Makes a change to what this request sees, and keeps it to be made again on what is stored by then. */
  change(change: Change): void {
    this.checkChangeable();
    const draft = { ...this.current, data: { ...this.current.data }, flash: { ...this.current.flash } };
    change.apply(draft);
    this.parts.repository.check?.(draft);
    this.current = draft;
    this.changes.add(change);
    if (this.headSent) this.expectSave();
  }

  /** The session gets a new identity with its next commit. */
  moveOn(change: Change, loggedIn: boolean): void {
    this.checkCookie();
    this.change(change);
    this.loggedIn ||= loggedIn;
    this.idAction = 'move'; // also where nothing is stored yet: a save may be under way
    this.nextIdentity = undefined;
  }

  /** The stored session ends with the next commit; what follows is a new one. */
  endStored(destroyed: boolean): void {
    this.checkChangeable();
    this.ending ??= this.loaded ?? this.hiddenByRoute;
    this.loaded = this.hiddenByRoute = undefined;
    this.endCount++;
    this.idAction = 'keep';
    this.loggedIn = false;
    this.nextIdentity = undefined;
    this.changes = new ChangeSet();
    this.blankRecord = undefined;
    this.current = this.blank();
    this.destroyed = destroyed;
  }

  /** Whether there is something that no commit has stored yet. */
  get changed(): boolean {
    return !this.changes.isEmpty;
  }

  /** The session counts as ended on this route. */
  hideForRoute(): void {
    this.hiddenByRoute = this.loaded;
    this.loaded = undefined;
    this.idAction = 'keep';
    this.current = this.changes.applyTo(this.blank());
  }

  /** Whether it is ended as far as this route goes only. */
  get isHiddenByRoute(): boolean {
    return this.hiddenByRoute !== undefined;
  }

  /** Whether the next commit has something to do that was asked for. */
  get pending(): boolean {
    return this.changed || this.ending !== undefined;
  }

  /** Stores what is due; on the same tick when there is nothing to wait for. */
  commit(): Awaitable<void> {
    if (this.running) return this.running.then(() => this.commit());
    if (this.cookieForbidden || (this.readonlyReason && this.readonlyReason !== 'route')) return;
    const stored = this.ending ? this.commitEnd(this.ending) : this.commitUnit();
    if (!(stored instanceof Promise)) return;
    this.running = stored.finally(() => (this.running = undefined));
    return this.running;
  }

  /** Stores what was changed; rejects when it could not be kept. */
  async save(): Promise<void> {
    if (this.lost) throw lostChange();
    this.watching = false;
    const changed = !this.changes.isEmpty;
    const gone = this.dropped;
    if (changed && this.cookieForbidden)
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'No cookie may be sent over this connection');
    await this.commit();
    if (changed && this.dropped && (gone || !this.loaded))
      throw new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile');
  }

  /** Whether a change would be heeded, as far as that is known before it. */
  get takesChanges(): boolean {
    return this.readonlyReason === undefined && !this.destroyed && !this.lost;
  }

  /** Whether the last commit dropped changes. */
  get gone(): boolean {
    return this.dropped;
  }

  private commitEnd(ending: StoredSession): Awaitable<void> {
    this.ending = undefined;
    const again = (error: unknown): never => {
      this.ending = ending;
      throw error;
    };
    return settle(
      () => this.parts.committer.end(ending),
      ({ cookie }) => {
        this.cookie = cookie;
        return this.commitUnit();
      },
      again,
    );
  }

  private commitUnit(): Awaitable<void> {
    const { loaded, changes, idAction, dropped, loggedIn, renew, headSent, endCount } = this;
    const unit = {
      loaded,
      changes,
      idAction,
      dropped,
      loggedIn,
      renew,
      headSent,
      blank: () => this.blank(),
      nextIdentity: () => this.next,
    };
    this.changes = new ChangeSet();
    this.idAction = 'keep';
    this.loggedIn = false;
    if (renew === 'force') this.renew = 'due';
    return settle(
      () => this.parts.committer.commit(unit),
      (result) => this.settle(result, endCount),
      (error) => this.failed(unit, error, endCount),
    );
  }

  /** What could not be stored is kept for the next commit, so that it is not lost silently; what was refused is not. */
  private failed({ changes, idAction, loggedIn }: PendingCommit, error: unknown, ends: number): never {
    if (ends !== this.endCount) throw error; // logged out meanwhile: nothing of it may come back
    if ((error as { code?: unknown } | undefined)?.code === 'ERR_SESSION_CONFLICT') {
      this.current = this.changes.applyTo(this.loaded?.record ?? this.blank());
    } else {
      this.changes = changes.followedBy(this.changes);
      if (idAction === 'move') this.idAction = 'move';
      this.loggedIn ||= loggedIn;
    }
    throw error;
  }

  private settle({ entry, cookie, gone }: CommitResult, ends: number): void {
    if (ends !== this.endCount) {
      if (entry) this.ending = entry; // logged out while it was being stored
      return;
    }
    if (cookie !== 'keep') this.cookie = cookie;
    this.dropped = gone || (this.dropped && !entry);
    if (gone) {
      this.loaded = undefined;
      this.current = this.changes.applyTo(this.blank());
    }
    if (!entry) return;
    this.loaded = entry;
    this.nextIdentity = undefined;
    this.current = this.changes.isEmpty ? entry.record : this.changes.applyTo(entry.record);
  }

  private get next(): Identity {
    return this.pinnedIdentity ?? (this.nextIdentity ??= this.parts.repository.identity(this.current));
  }

  /** What a new session begins as. */
  private blank(): SessionRecord {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return (this.blankRecord ??= emptyRecord(this.now(), idleTimeout, absoluteTimeout));
  }

  private checkChangeable(): void {
    const { onServer, changesIdOnSave } = this.parts.repository;
    if (this.readonlyReason) throw readonlyError(this.readonlyReason);
    if (this.destroyed)
      throw new SessionStateError('ERR_SESSION_ENDED', 'The session was destroyed by this request');
    if (this.lost) throw lostChange();
    if (this.headSent && (!this.loaded || !onServer || changesIdOnSave)) this.checkCookie();
  }

  private checkCookie(): void {
    if (this.headSent)
      throw headSent('The head of the response has left, so its cookie cannot be changed any more');
  }

  /** After the head only save() can store a change: looks, when this turn is over, whether it was called. */
  private expectSave(): void {
    if (this.watching) return;
    this.watching = true;
    setImmediate(() => this.lookForSave());
  }

  /** A commit under way is waited for: a save() that waits behind it takes this change along. */
  private lookForSave(): void {
    if (!this.watching) return;
    const again = () => this.lookForSave();
    if (this.running) return void this.running.then(again, again);
    this.watching = false;
    if (this.changes.isEmpty) return;
    this.lost = true;
    this.changes = new ChangeSet();
    this.parts.events.emit('lostChange', { session: this.parts.name });
    this.parts.warn(
      'The session was changed after the head of the response had left, and the change is lost; call await session.save() after it',
    );
  }
}

const lostChange = () => headSent('An earlier change came after the head had left and save() did not follow');
const headSent = (message: string) => new SessionStateError('ERR_SESSION_HEAD_SENT', message);
