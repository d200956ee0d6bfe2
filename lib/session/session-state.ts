import type { Awaitable } from '../crypto/index.js';
import { SessionStateError } from '../errors/index.js';
import { ChangeSet, type Change } from './change-set.js';
import type { CommitResult, CommitUnit, SessionCommitter } from './session-committer.js';
import type { SessionEvents } from './session-events.js';
import { type SessionTimeouts } from './session-lifetime.js';
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

/** Why a session takes no change: `route` by decorator, `down` since the store does not answer. */
export type ReadonlyReason = 'route' | 'down';

const READONLY: Record<ReadonlyReason, string> = {
  route: 'This route reads the session only (@ReadonlySession); take the decorator away to change it',
  down: 'The session store is unavailable, so the session can not be changed',
};

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
  private ending: Entry | undefined;
  private loggedIn = false;
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
    this.view = draft;
    this.changes.add(change);
    if (this.headSent) this.expectSave();
  }

  /** The session gets a new identity with its next commit. */
  moveOn(change: Change, loggedIn: boolean): void {
    this.checkCookie();
    this.change(change);
    this.loggedIn ||= loggedIn;
    if (this.base) this.fate = 'move';
  }

  /** The stored session ends with the next commit; what follows is a new one. */
  endStored(destroyed: boolean): void {
    this.checkChangeable();
    this.ending ??= this.base;
    this.base = undefined;
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

  /** Stores what is due; on the same tick when there is nothing to wait for. */
  commit(): Awaitable<void> {
    if (this.running) return this.running.then(() => this.commit());
    if (this.unsendable || this.readonlyReason === 'down') return;
    const stored = this.ending ? this.commitEnd(this.ending) : this.commitUnit();
    if (!(stored instanceof Promise)) return;
    this.running = stored.finally(() => (this.running = undefined));
    return this.running;
  }

  /** Stores what was changed; rejects when it could not be kept. */
  async save(): Promise<void> {
    this.watching = false;
    const changed = !this.changes.isEmpty;
    const gone = this.dropped;
    await this.commit();
    if (changed && this.dropped && (gone || !this.base))
      throw new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile');
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
    const { base, changes, fate, dropped, loggedIn, renew, headSent } = this;
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
      (result) => this.settle(result),
      (error) => this.failed(unit, error),
    );
  }

  /** What could not be stored is kept for the next commit, so that it is not lost silently; what was refused is not. */
  private failed({ changes, fate, loggedIn }: CommitUnit, error: unknown): never {
    if ((error as { code?: unknown }).code !== 'ERR_SESSION_CONFLICT') {
      this.changes = changes.followedBy(this.changes);
      this.fate = fate;
      this.loggedIn ||= loggedIn;
    }
    throw error;
  }

  private settle({ entry, cookie, gone }: CommitResult): void {
    if (cookie !== 'keep') this.cookie = cookie;
    this.dropped = gone || (this.dropped && !entry);
    if (gone) this.base = undefined;
    if (!entry) return;
    this.base = entry;
    this.nextIdentity = undefined;
    this.view = this.changes.isEmpty ? entry.record : this.changes.applyTo(entry.record);
  }

  private get next(): Identity {
    return (this.nextIdentity ??= this.parts.repository.identity(this.view));
  }

  /** What a new session begins as. */
  private blank(): SessionRecord {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return (this.blankRecord ??= emptyRecord(this.now(), idleTimeout, absoluteTimeout));
  }

  private checkChangeable(): void {
    if (this.readonlyReason) throw readonlyError(this.readonlyReason);
    if (this.destroyed)
      throw new SessionStateError('ERR_SESSION_ENDED', 'The session was destroyed by this request');
    if (this.lost) throw headSent('An earlier change came after the head had left and save() did not follow');
    if (this.headSent && (!this.base || !this.parts.repository.onServer)) this.checkCookie();
  }

  private checkCookie(): void {
    if (this.headSent)
      throw headSent('The head of the response has left, so its cookie can not be changed any more');
  }

  /** After the head only save() can store a change: looks, when this turn is over, whether it was called. */
  private expectSave(): void {
    if (this.watching) return;
    this.watching = true;
    setImmediate(() => {
      if (!this.watching || this.changes.isEmpty) return;
      this.watching = false;
      this.lost = true;
      this.changes = new ChangeSet();
      this.parts.events.emit('lostChange', { session: this.parts.name });
      this.parts.warn(
        'The session was changed after the head of the response had left, and the change is lost; call await session.save() after it',
      );
    });
  }
}

/** `next` of what `act` gives, or `failed` of what it throws; on the same tick where it can be. */
function orElse<T>(
  act: () => Awaitable<T>,
  next: (value: T) => Awaitable<void>,
  failed: (error: unknown) => never,
): Awaitable<void> {
  let value: Awaitable<T>;
  try {
    value = act();
  } catch (error) {
    return failed(error);
  }
  return value instanceof Promise ? value.then(next, failed) : next(value);
}

function readonlyError(reason: ReadonlyReason): SessionStateError {
  return new SessionStateError('ERR_SESSION_READONLY', READONLY[reason], reason === 'down' ? 503 : 500);
}

const headSent = (message: string) => new SessionStateError('ERR_SESSION_HEAD_SENT', message);
