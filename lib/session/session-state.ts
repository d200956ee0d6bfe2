import { orElse, type Awaitable } from '../crypto/index.js';
import { SessionStateError } from '../errors/index.js';
import { ChangeSet, type Change } from './change-set.js';
import type { CommitResult, CommitUnit, SessionCommitter } from './session-committer.js';
import type { SessionEvents } from './session-events.js';
import { type SessionTimeouts } from './session-lifetime.js';
import { readonlyError, type ReadonlyReason } from './readonly-reason.js';
import { emptyRecord, type SessionRecord } from './session-record.js';
import type { Entry, Found, Identity, SessionRepository } from './session-repository.interface.js';

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
  view: SessionRecord;
  base: Entry | undefined;
  /** What the response's cookie must become. */
  cookie: CommitResult['cookie'] = 'keep';
  renew: CommitUnit['renew'] = 'due';
  readonlyReason: ReadonlyReason | undefined;
  /** No cookie may be sent over this connection, so nothing is stored. */
  unsendable = false;
  /** The head has left: no cookie can be sent any more. */
  headSent = false;

  private changes = new ChangeSet();
  private fate: CommitUnit['fate'] = 'keep';
  private nextIdentity: Identity | undefined;
  /** What the session is known by whatever becomes of it. */
  private readonly fixed: Identity | undefined;
  private ending: Entry | undefined;
  private loggedIn = false;
  /** Counts the ends, so that a commit under way notices that it was overtaken by one. */
  private ends = 0;
  /** Stored, but ended as far as this route goes: only logout still means it. */
  private asleep: Entry | undefined;
  private dropped: boolean;
  private destroyed = false;
  private lost = false;
  private watching = false;
  private blankRecord: SessionRecord | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly parts: SessionParts,
    found: Found,
  ) {
    this.dropped = found.kind === 'ended';
    this.fixed = found.kind === 'ended' ? undefined : found.fixed;
    this.base = found.kind === 'live' ? found.entry : undefined;
    this.view = this.base?.record ?? this.blank();
  }

  /** What the session is, or will be, known by. */
  get identity(): Identity {
    return this.base && this.fate === 'keep' ? this.base : this.next;
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
    const draft = { ...this.view, data: { ...this.view.data }, flash: { ...this.view.flash } };
    change.apply(draft);
    this.parts.repository.check?.(draft);
    this.view = draft;
    this.changes.add(change);
    if (this.headSent) this.expectSave();
  }

  /** The session gets a new identity with its next commit. */
  moveOn(change: Change, loggedIn: boolean): void {
    this.checkCookie();
    this.change(change);
    this.loggedIn ||= loggedIn;
    this.fate = 'move'; // also where nothing is stored yet: a save may be under way
    this.nextIdentity = undefined;
  }

  /** The stored session ends with the next commit; what follows is a new one. */
  endStored(destroyed: boolean): void {
    this.checkChangeable();
    this.ending ??= this.base ?? this.asleep;
    this.base = this.asleep = undefined;
    this.ends++;
    this.fate = 'keep';
    this.loggedIn = false;
    this.nextIdentity = undefined;
    this.changes = new ChangeSet();
    this.blankRecord = undefined;
    this.view = this.blank();
    this.destroyed = destroyed;
  }

  /** Whether there is something that no commit has stored yet. */
  get changed(): boolean {
    return !this.changes.isEmpty;
  }

  /** The session counts as ended on this route. */
  forget(): void {
    this.asleep = this.base;
    this.base = undefined;
    this.fate = 'keep';
    this.view = this.changes.applyTo(this.blank());
  }

  /** Whether it is ended as far as this route goes only. */
  get sleeps(): boolean {
    return this.asleep !== undefined;
  }

  /** Whether the next commit has something to do that was asked for. */
  get pending(): boolean {
    return this.changed || this.ending !== undefined;
  }

  /** Stores what is due; on the same tick when there is nothing to wait for. */
  commit(): Awaitable<void> {
    if (this.running) return this.running.then(() => this.commit());
    if (this.unsendable || (this.readonlyReason && this.readonlyReason !== 'route')) return;
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
    if (changed && this.unsendable)
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'No cookie may be sent over this connection');
    await this.commit();
    if (changed && this.dropped && (gone || !this.base))
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

  private commitEnd(ending: Entry): Awaitable<void> {
    this.ending = undefined;
    const again = (error: unknown): never => {
      this.ending = ending;
      throw error;
    };
    return orElse(
      () => this.parts.committer.end(ending),
      ({ cookie }) => {
        this.cookie = cookie;
        return this.commitUnit();
      },
      again,
    );
  }

  private commitUnit(): Awaitable<void> {
    const { base, changes, fate, dropped, loggedIn, renew, headSent, ends } = this;
    const unit = {
      base,
      changes,
      fate,
      dropped,
      loggedIn,
      renew,
      headSent,
      blank: () => this.blank(),
      next: () => this.next,
    };
    this.changes = new ChangeSet();
    this.fate = 'keep';
    this.loggedIn = false;
    if (renew === 'force') this.renew = 'due';
    return orElse(
      () => this.parts.committer.commit(unit),
      (result) => this.settle(result, ends),
      (error) => this.failed(unit, error, ends),
    );
  }

  /** What could not be stored is kept for the next commit, so that it is not lost silently; what was refused is not. */
  private failed({ changes, fate, loggedIn }: CommitUnit, error: unknown, ends: number): never {
    if (ends !== this.ends) throw error; // logged out meanwhile: nothing of it may come back
    if ((error as { code?: unknown } | undefined)?.code === 'ERR_SESSION_CONFLICT') {
      this.view = this.changes.applyTo(this.base?.record ?? this.blank());
    } else {
      this.changes = changes.followedBy(this.changes);
      if (fate === 'move') this.fate = 'move';
      this.loggedIn ||= loggedIn;
    }
    throw error;
  }

  private settle({ entry, cookie, gone }: CommitResult, ends: number): void {
    if (ends !== this.ends) {
      if (entry) this.ending = entry; // logged out while it was being stored
      return;
    }
    if (cookie !== 'keep') this.cookie = cookie;
    this.dropped = gone || (this.dropped && !entry);
    if (gone) {
      this.base = undefined;
      this.view = this.changes.applyTo(this.blank());
    }
    if (!entry) return;
    this.base = entry;
    this.nextIdentity = undefined;
    this.view = this.changes.isEmpty ? entry.record : this.changes.applyTo(entry.record);
  }

  private get next(): Identity {
    return this.fixed ?? (this.nextIdentity ??= this.parts.repository.identity(this.view));
  }

  /** What a new session begins as. */
  private blank(): SessionRecord {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return (this.blankRecord ??= emptyRecord(this.now(), idleTimeout, absoluteTimeout));
  }

  private checkChangeable(): void {
    const { onServer, renewsAlways } = this.parts.repository;
    if (this.readonlyReason) throw readonlyError(this.readonlyReason);
    if (this.destroyed)
      throw new SessionStateError('ERR_SESSION_ENDED', 'The session was destroyed by this request');
    if (this.lost) throw lostChange();
    if (this.headSent && (!this.base || !onServer || renewsAlways)) this.checkCookie();
  }

  private checkCookie(): void {
    if (this.headSent)
      throw headSent('The head of the response has left, so its cookie can not be changed any more');
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
