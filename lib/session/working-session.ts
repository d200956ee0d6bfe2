import type { CommitResult, CookieAction, PendingCommit } from '../persistence/session-commit.interface.js';
import type {
  Identity,
  SessionLookup,
  SessionRepository,
  StoredSession,
} from '../persistence/session-repository.interface.js';
import { ChangeSet, type Change } from '../record/change-set.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import { emptyRecord, type SessionRecord } from '../record/session-record.js';
import {
  beginLife,
  end,
  failCommit,
  hide,
  isEnded,
  isOvertaken,
  lose,
  move,
  reset,
  setEnding,
  settleCommit,
  startCommit,
  storedOf,
  type Ending,
  type SessionLife,
} from './session-life.js';

/** What a working session asks of its repository. */
type IdentitySource = Pick<SessionRepository, 'now' | 'identity' | 'check'>;

/** What a commit took with it, so that the working session can be settled with the result. */
export interface CommitInput {
  readonly life: SessionLife;
  readonly pending: PendingCommit;
  /** Resets before the commit. */
  readonly resetCount: number;
}

/** Codes of errors that come again however often a commit is repeated. */
const REFUSALS: readonly unknown[] = ['ERR_SESSION_CONFLICT', 'ERR_SESSION_LIMIT', 'ERR_SESSION_LOCK_LOST'];

/** The session that one request works on: its life, its record, and the changes that no commit has stored yet. It knows
 *  neither permissions nor the store; SessionState does. */
export class WorkingSession {
  private life: SessionLife;
  private record: SessionRecord;
  private changes = ChangeSet.none;
  private nextIdentity: Identity | undefined;
  private blankRecord: SessionRecord | undefined;
  /** Resets so far. What a commit that finds another number fails to store does not come back. */
  private resetCount = 0;
  /** What found the session that has ended without a logout by this request. */
  private endedIdentity: Identity | undefined;
  /** The identity in any case, where a user and not a token identifies the session. */
  private readonly pinnedIdentity: Identity | undefined;

  constructor(
    found: SessionLookup,
    private readonly source: IdentitySource,
    private readonly timeouts: SessionTimeouts,
  ) {
    this.life = beginLife(found);
    if (found.kind === 'ended') this.endedIdentity = found.identity;
    else this.pinnedIdentity = found.pinnedIdentity;
    this.record = this.stored?.record ?? this.blank();
  }

  /** The status of the session's life. */
  get status(): SessionLife['status'] {
    return this.life.status;
  }

  /** The session with all changes of this request. */
  get current(): SessionRecord {
    return this.record;
  }

  /** The session as it is stored, as far as this request knows; absent while nothing is stored. */
  get stored(): StoredSession | undefined {
    return storedOf(this.life);
  }

  /** What the next commit has to end. */
  get ending(): Ending | undefined {
    return this.life.ending;
  }

  /** True if a route hides a stored session that no logout has ended since. */
  get hidden(): boolean {
    return this.life.hidden !== undefined;
  }

  /** True if changes are dropped, since the session has ended. */
  get ended(): boolean {
    return isEnded(this.life);
  }

  /** Logouts of this request so far. */
  get endCount(): number {
    return this.life.endCount;
  }

  /** True if there are changes that no commit has stored yet. */
  get changed(): boolean {
    return !this.changes.isEmpty;
  }

  /** The identity that the session has, or will have after the next commit. */
  get identity(): Identity {
    return this.status === 'moving' ? this.next : (this.stored ?? this.next);
  }

  /** Applies a change to what this request sees, and keeps it so that a commit can apply it to what is stored then.
   *  Throws what `change` throws, or what the repository cannot store; nothing is changed then. */
  change(change: Change): void {
    const draft = { ...this.record, data: { ...this.record.data }, flash: { ...this.record.flash } };
    change.apply(draft);
    this.source.check?.(draft);
    this.record = draft;
    if (this.changes.isEmpty) this.changes = new ChangeSet();
    this.changes.add(change);
  }

  /** The session gets another id with the next commit. */
  move(loggedIn: boolean): void {
    this.life = move(this.life, loggedIn);
    this.nextIdentity = undefined;
  }

  /** The stored session ends with the next commit. What follows is a new session, or none after `destroy()`. */
  end(destroyed: boolean): void {
    this.life = end(this.life, destroyed);
    this.nextIdentity = undefined;
    this.endedIdentity = undefined;
    this.changes = ChangeSet.none;
    this.blankRecord = undefined;
    this.record = this.blank();
  }

  /** Takes back what no commit has stored or is storing. A logout, and changes that a reset spares, stay. */
  reset(): void {
    this.resetCount++;
    if (this.status === 'moving') this.nextIdentity = undefined;
    this.life = reset(this.life);
    this.changes = this.changes.afterReset();
    this.applyChanges();
  }

  /** The stored session counts as ended on this route. */
  hide(): void {
    this.life = hide(this.life);
    this.applyChanges();
  }

  /** Takes over what is stored now; `undefined` if the session has ended. The changes of this request stay. */
  reload(stored: StoredSession | undefined): void {
    this.life = settleCommit(this.life, this.life, stored, !stored);
    this.applyChanges();
  }

  /** The changes are lost, and the session takes no more. It shows what is stored again. */
  lose(): void {
    this.life = lose(this.life);
    this.changes = ChangeSet.none;
    this.applyChanges();
  }

  /** Hands over what a commit ends now; {@link failEnd} gives it back. */
  takeEnding(): Ending {
    const { ending } = this.life;
    this.life = setEnding(this.life, undefined);
    return ending!;
  }

  /** Gives back what could not be ended. */
  failEnd(ending: Ending): void {
    this.life = setEnding(this.life, ending);
  }

  /** Hands over all that a commit stores now. What the handler does meanwhile is for the commit after it. */
  startCommit(
    renew: PendingCommit['renew'],
    headSent: boolean,
    until: number | undefined,
    cookie: CookieAction,
  ): CommitInput {
    const { life, resetCount } = this;
    const pending = this.pending(renew, headSent, until, cookie);
    this.changes = ChangeSet.none;
    this.life = startCommit(life);
    return { life, pending, resetCount };
  }

  /** Takes over the result of a commit. Returns false if a logout has overtaken the commit, whose cookie must not be set
   *  then. */
  settleCommit({ entry, gone }: CommitResult, { life }: CommitInput): boolean {
    const overtaken = isOvertaken(this.life, life);
    this.life = settleCommit(this.life, life, entry, gone);
    if (overtaken) return false;
    if (entry) this.nextIdentity = undefined;
    if (gone) this.endedIdentity = storedOf(life);
    if (entry || gone) this.applyChanges();
    return true;
  }

  /** Keeps what a commit could not store for the next one, so that it is not lost silently. What was refused for good is
   *  dropped: by another request's change, a limit, or a lock that was lost. */
  failCommit(error: unknown, { life, pending, resetCount }: CommitInput): void {
    if (isOvertaken(this.life, life)) return; // a logout came between: nothing may come back
    if (REFUSALS.includes((error as { code?: unknown } | undefined)?.code)) return this.applyChanges();
    const isReset = resetCount !== this.resetCount;
    const { changes } = pending;
    this.changes = (isReset ? changes.afterReset() : changes).followedBy(this.changes);
    this.life = failCommit(this.life, isReset ? reset(life) : life);
    if (isReset) this.applyChanges();
  }

  private pending(
    renew: PendingCommit['renew'],
    headSent: boolean,
    until: number | undefined,
    cookie: CookieAction,
  ): PendingCommit {
    const { life } = this;
    const moving = life.status === 'moving' ? life : undefined;
    return {
      loaded: this.stored,
      changes: this.changes,
      idAction: moving ? 'move' : 'keep',
      dropped: this.ended,
      endedIdentity: this.endedIdentity,
      loggedIn: moving?.loggedIn ?? false,
      renew,
      headSent,
      cookie,
      until,
      blank: () => this.blank(),
      nextIdentity: () => this.next,
    };
  }

  /** Makes anew what this request sees: what is stored, with the changes that no commit has stored. */
  private applyChanges(): void {
    const record = this.stored?.record ?? this.blank();
    this.record = this.changes.isEmpty ? record : this.changes.applyTo(record);
  }

  /** The identity of the next session id, made once. */
  private get next(): Identity {
    return this.pinnedIdentity ?? (this.nextIdentity ??= this.source.identity(this.record));
  }

  /** The record that a new session begins with. */
  private blank(): SessionRecord {
    const { idleTimeout, absoluteTimeout } = this.timeouts;
    return (this.blankRecord ??= emptyRecord(this.source.now(), idleTimeout, absoluteTimeout));
  }
}
