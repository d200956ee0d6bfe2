import { settle, type Awaitable } from '../crypto/awaitable.js';
import type { CookieAction, PendingCommit } from '../persistence/session-commit.interface.js';
import type { SessionCommitter } from '../persistence/session-committer.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type {
  Identity,
  SessionLookup,
  SessionRepository,
  StoredSession,
} from '../persistence/session-repository.interface.js';
import type { Device } from '../record/device.js';
import type { Change } from '../record/change-set.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { SessionRecord } from '../record/session-record.js';
import { guarded, isHeld } from './guarded-commit.js';
import { LateChangeWatch } from './late-change-watch.js';
import {
  answeredWithError,
  cookieForbidden,
  cookieSent,
  destroyedHere,
  goneMeanwhile,
  lostChange,
  noOther,
  noResponse,
} from './refusals.js';
import { FULL_ACCESS, readonlyError, type SessionAccess } from './session-access.js';
import { WorkingSession, type CommitInput } from './working-session.js';

/** What all requests of one cookie endpoint share. */
export interface SessionParts {
  readonly name: string;
  readonly repository: SessionRepository;
  readonly committer: SessionCommitter;
  readonly timeouts: SessionTimeouts;
  readonly events: SessionEvents;
  /** Tells the developer in a full sentence what to mend. */
  readonly tell: TellOperator;
}

/** The response that the session's cookie travels on. Once its head is sent, no cookie can be set. */
export interface ResponseHead {
  readonly headSent: boolean;
  /** True once an error was sent in place of the response: nothing of the request may be stored any more. */
  readonly failed?: boolean;
  /** The moment of `performance.now()` at which an error is sent instead; absent unless the head waits for a commit. */
  readonly heldUntil?: number | undefined;
  /** Resolves when the response has left, where the head counts as sent before: the answer to a handshake stores changes too. */
  readonly answer?: Promise<void> | undefined;
  /** True where no response follows: for work outside of a request, which commits at its end. */
  readonly absent?: boolean;
}

/** What has to hold when the changes of a request are stored, such as a lock. */
export interface CommitGuard {
  /** Rejects with the error of a commit that must not be. Asked before each commit that has changes. */
  check(): Promise<void>;
  /** Throws that error. Asked whenever the changes are applied to what is stored, as after a conflict. */
  assertHeld(): void;
}

/** The party that changes a session: a handler, whose changes the route may forbid, or a feature that recognises the
 *  visitor, such as remember-me. No route decides who the visitor is. */
export type Author = 'handler' | 'recognition';

/** One session of one request under its permissions: checks what may be changed, and commits it. */
export class SessionState {
  private readonly work: WorkingSession;
  private access = FULL_ACCESS;
  private cookieAction: CookieAction = 'keep';
  private saidForHead = false;
  private touchForced = false;
  private running: Promise<void> | undefined;
  private lateChanges: LateChangeWatch | undefined;
  private guard: CommitGuard | undefined;
  /** True if the guard's last commit has failed. */
  private failedGuarded = false;

  constructor(
    private readonly parts: SessionParts,
    found: SessionLookup,
    private readonly response: ResponseHead,
    private readonly findDevice: () => Device | undefined = () => undefined,
  ) {
    this.work = new WorkingSession(found, parts.repository, parts.timeouts);
  }

  /** The session with all changes of this request. */
  get current(): SessionRecord {
    return this.work.current;
  }

  /** The session as it is stored, as far as this request knows; absent while nothing is stored. */
  get loaded(): StoredSession | undefined {
    return this.work.stored;
  }

  /** The identity that the session has, or will have after the next commit. */
  get identity(): Identity {
    return this.work.identity;
  }

  /** What the head must do with the session's cookie. */
  get cookie(): CookieAction {
    return this.cookieAction;
  }

  /** What the head of an error must do with it. An id that other requests know is sent only if the commit for this head has confirmed
   *  it: a login may have replaced it since an earlier one. */
  get cookieAtError(): CookieAction {
    const { cookieAction } = this;
    const isOthersToo = cookieAction === 'resend' || cookieAction === 'renew';
    const isConfirmed = this.saidForHead || !this.parts.repository.followsOldIds;
    return isOthersToo && !isConfirmed ? 'withhold' : cookieAction;
  }

  /** The timeouts of the profile, in seconds. */
  get timeouts(): SessionTimeouts {
    return this.parts.timeouts;
  }

  /** What the request comes from, for the list of the subject's sessions; `undefined` where there is none. */
  get device(): Device | undefined {
    return this.findDevice();
  }

  /** True once the head of the response is sent. */
  get headSent(): boolean {
    return this.response.headSent;
  }

  /** True for work outside of a request: no cookie can be sent, and an end is stored at once. */
  get hasNoResponse(): boolean {
    return this.response.absent === true;
  }

  /** True where a stored session is used for longer than a request takes, so that another one may well have changed it: on a
   *  socket, after the head of a response, and in work outside of a request. */
  get isLongLived(): boolean {
    return (this.headSent || this.hasNoResponse) && !this.needsCookie;
  }

  /** Seconds since 1970, by the store's clock. */
  now(): number {
    return this.parts.repository.now();
  }

  /** Replaces what the request may do, from now on. */
  grant(access: SessionAccess): void {
    if (access.renewal === 'never' && this.access.renewal !== 'never') this.touchForced = false;
    this.access = access;
  }

  /** Lets a guard judge the commits of this request from now on. */
  guardCommits(guard: CommitGuard): void {
    this.guard = guard;
    this.failedGuarded = false;
  }

  /** Ends what a guard judges. What it has not let through, or what could not be stored under it, no later commit stores. */
  unguardCommits(guard: CommitGuard): void {
    if (this.guard !== guard) return;
    this.guard = undefined;
    if (this.failedGuarded || !isHeld(guard)) this.reset();
  }

  /** Waits for the commit that is under way. Never rejects. */
  async settled(): Promise<void> {
    await this.running?.catch(() => undefined); // who asked for the commit gets its error
  }

  /** True if there are changes that no commit has stored yet. */
  private get changed(): boolean {
    return this.work.changed;
  }

  /** True if the next commit has changes, or a session to end. */
  get pending(): boolean {
    return this.changed || this.work.ending !== undefined;
  }

  /** True if this route hides a stored session that no logout has ended since. */
  get hidden(): boolean {
    return this.work.hidden;
  }

  /** True if changes are dropped, since the session has ended. */
  get ended(): boolean {
    return this.work.ended;
  }

  /** Logouts of this request so far, by whichever part of the application. */
  get endCount(): number {
    return this.work.endCount;
  }

  /** True if a change would be taken, as far as that is known before it is made. */
  get takesChanges(): boolean {
    return this.access.readonly === undefined && !this.isClosed;
  }

  /** True if a visitor may be logged in here without a password. False when the cookie led to an ended session: another
   *  request of the same browser has logged in or out meanwhile, and must win. */
  get acceptsRecognition(): boolean {
    const { readonly, cookie } = this.access;
    const isOpen = readonly === undefined || readonly === 'route';
    return isOpen && cookie === 'allowed' && !this.headSent && !this.isClosed && !this.ended;
  }

  /** Applies a change to what this request sees, and keeps it so that the commit can apply it to what is stored then. */
  change(change: Change, author: Author = 'handler'): void {
    this.checkChangeable(author);
    this.work.change(change);
    if (this.headSent) this.watchLateChange();
  }

  /** Applies a change, and gives the session another id with the next commit. */
  move(change: Change, loggedIn: boolean, author: Author = 'handler'): void {
    this.checkHead();
    this.change(change, author);
    this.work.move(loggedIn);
  }

  /** Ends the stored session with the next commit. What follows is a new session, or none after `destroy()`. */
  end(destroyed: boolean, author: Author = 'handler'): void {
    this.checkChangeable(author);
    this.work.end(destroyed);
  }

  /** Takes back what this request has done and no commit has stored. A logout stays. */
  reset(): void {
    this.touchForced = false;
    this.work.reset();
  }

  /** Counts the stored session as ended on this route. */
  hide(): void {
    this.work.hide();
  }

  /** Reads the stored session again, after a commit that is under way. A session that has ended meanwhile is empty then, also
   *  after a change that was lost: a socket goes on for long, and a logout has to count there. */
  async reload(): Promise<void> {
    await this.settled();
    const { stored } = this.work;
    if (!stored) return;
    const found = await this.parts.repository.reload(stored);
    if (this.work.stored === stored) this.work.reload(found.kind === 'live' ? found.entry : undefined);
  }

  /** Moves the idle clock with the next commit, whether it is due or not. */
  touch(): void {
    this.touchForced = true;
  }

  /** Moves the idle clock with the next commit, if the request moves it at all and it was set so many seconds ago. */
  touchAfter(seconds: number): void {
    const moves = this.renewal === 'due' && this.timeouts.touchInterval > 0;
    if (moves && this.loaded && this.now() - this.loaded.record.lastSeenAt >= seconds) this.touch();
  }

  /** Stores what is due; on the same tick when there is nothing to wait for. Stores nothing after `until`
   *  (`performance.now()`), when whoever waits has given up. Throws or rejects with a SessionStateError once an error was sent in
   *  place of the response. */
  commit(until = this.response.heldUntil): Awaitable<void> {
    if (this.running) return this.running.then(() => this.commit(until));
    if (this.response.failed) throw answeredWithError();
    const { cookie, readonly } = this.access;
    if (cookie === 'forbidden' || (readonly && readonly !== 'route' && readonly !== 'work')) return;
    const stored = this.changed && this.guard ? this.commitGuarded(this.guard, until) : this.commitAll(until);
    if (!(stored instanceof Promise)) return;
    this.running = stored.finally(() => (this.running = undefined));
    return this.running;
  }

  /** Stores what was changed. Rejects with a SessionStateError when the session has ended or no cookie may be sent. */
  async save(): Promise<void> {
    if (this.work.status === 'lost') throw lostChange();
    this.lateChanges?.stop();
    const { changed, ended } = this;
    if (changed && this.access.cookie === 'forbidden') throw cookieForbidden();
    await this.commit();
    if (changed && this.ended && (ended || !this.loaded)) throw goneMeanwhile();
  }

  private async commitGuarded(guard: CommitGuard, until: number | undefined): Promise<void> {
    this.failedGuarded = true;
    await guard.check().catch((error: unknown) => this.refuse(error));
    await this.commitAll(until);
    this.failedGuarded = false;
  }

  /** A commit must not be: it fails like one that a store has refused. */
  private refuse(error: unknown): never {
    this.work.failCommit(error, this.startCommit(undefined));
    throw error;
  }

  private commitAll(until: number | undefined): Awaitable<void> {
    return this.work.ending ? this.commitEnd(until) : this.commitInput(this.startCommit(until));
  }

  /** Ends the session that a logout has left, and commits what was set after it. A failure keeps both for the next
   *  commit. */
  private commitEnd(until: number | undefined): Awaitable<void> {
    const ending = this.work.takeEnding();
    const input = this.startCommit(until);
    return settle(
      () => this.parts.committer.end(ending, until),
      ({ cookie }) => {
        this.cookieAction = cookie;
        return this.commitInput(input);
      },
      (error) => {
        this.work.failEnd(ending);
        this.work.failCommit(error, input);
        throw error;
      },
    );
  }

  /** Hands over the changes. Changes that come meanwhile wait for the next commit. */
  private startCommit(until: number | undefined): CommitInput {
    const headSent = this.headSent || this.hasNoResponse;
    const input = this.work.startCommit(this.renewal, headSent, until, this.cookieAction);
    this.touchForced = false;
    return input;
  }

  private commitInput(input: CommitInput): Awaitable<void> {
    return settle(
      () => this.parts.committer.commit(guarded(input.pending, this.guard)),
      (result) => {
        const counts = this.work.settleCommit(result, input);
        if (counts && result.cookie !== 'keep') this.setCookie(result.cookie, input.pending.until);
      },
      (error) => {
        this.work.failCommit(error, input);
        throw error;
      },
    );
  }

  private setCookie(action: CookieAction, until: number | undefined): void {
    this.cookieAction = action;
    this.saidForHead = until !== undefined;
  }

  private get renewal(): PendingCommit['renew'] {
    if (this.touchForced) return 'force';
    const { renewal } = this.access;
    return renewal === 'due' || renewal === 'unseen' ? renewal : 'no';
  }

  private get isClosed(): boolean {
    return this.work.status === 'destroyed' || this.work.status === 'lost';
  }

  /** Throws the SessionStateError that says why the session takes no change here. */
  private checkChangeable(author: Author): void {
    const { readonly } = this.access;
    if (readonly && (readonly !== 'route' || author === 'handler')) throw readonlyError(readonly);
    if (this.work.status === 'destroyed') throw destroyedHere();
    if (this.work.status === 'lost') throw lostChange();
    if (!this.loaded && this.hasNoResponse) throw noOther();
    if (this.needsCookie) this.checkHead();
  }

  /** True if a change is stored only together with another cookie. */
  private get needsCookie(): boolean {
    const { onServer, changesIdOnSave } = this.parts.repository;
    return !this.loaded || !onServer || changesIdOnSave === true;
  }

  private checkHead(): void {
    if (this.hasNoResponse) throw noResponse();
    if (this.headSent) throw cookieSent();
  }

  private watchLateChange(): void {
    this.lateChanges ??= new LateChangeWatch(
      () => this.running ?? this.response.answer,
      () => this.loseChanges(),
    );
    this.lateChanges.start();
  }

  /** Reports a change that nobody will store, as an event and as a warning to the developer. */
  private loseChanges(): void {
    if (!this.changed) return;
    this.work.lose();
    this.parts.events.emit('lostChange', { session: this.parts.name });
    this.parts.tell(
      'A session was changed after the head of the response was sent, and the change is lost; call await session.save() after the change',
      'lostChange',
    );
  }
}
