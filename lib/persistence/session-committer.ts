import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { jitter, MAX_RETRIES, SaveQueue } from './save-queue.js';
import type { SessionEvents } from './session-events.js';
import { probed, type SessionProbes } from './session-probes.js';
import { isRegenerationDue, isTouchDue } from '../record/session-lifetime.js';
import { publicId } from './public-id.js';
import { within } from '../stores/time-limit.js';
import { isAnothers, isEmptyRecord, type SessionRecord } from '../record/session-record.js';
import type { CommitPolicy, CommitResult, LimitedCommit, PendingCommit } from './session-commit.interface.js';
import type {
  BroughtCookies,
  StoredSession,
  Identity,
  MoveKind,
  SessionRepository,
} from './session-repository.interface.js';
import { bestEffortUntil, ENDED, sentAgain, SessionVisits } from './session-visits.js';

/** The ways to store what is due. `confirm` stores nothing: it asks whether the cookie may be sent again. */
type Write = 'create' | 'logInAnew' | 'move' | 'regenerate' | 'replace' | 'touch' | 'confirm';

const isLimited = (unit: PendingCommit): unit is LimitedCommit => unit.until !== undefined;

const NOTHING: CommitResult = { entry: undefined, cookie: 'keep', gone: false };

/** The only place that stores sessions: it stores each change set of a request once. */
export class SessionCommitter {
  private readonly queue: SaveQueue;
  private readonly visits: SessionVisits;

  constructor(
    private readonly repository: SessionRepository,
    private readonly policy: CommitPolicy,
    private readonly events: SessionEvents,
    private readonly probes?: SessionProbes,
  ) {
    this.queue = new SaveQueue(repository, (record) => this.seenNow(record), undefined, probes);
    this.visits = new SessionVisits(repository, policy, events);
  }

  /** Stores what is due. Returns on the same tick when there is nothing to wait for. */
  commit(unit: PendingCommit): Awaitable<CommitResult> {
    const write = this.writeOf(unit);
    if (!write) return this.withoutWrite(unit);
    const limited = isLimited(unit) ? unit : { ...unit, until: this.latest() };
    const end = this.probes?.begin('commit');
    return end ? probed(end, () => this.store(write, limited)) : this.store(write, limited);
  }

  /** The moment up to which a commit is waited for that begins now. */
  private latest(): number {
    return performance.now() + this.policy.commitTimeout;
  }

  /** Returns how a commit stores what is due; `undefined` if nothing is. */
  private writeOf(unit: PendingCommit): Write | undefined {
    const { loaded, changes, idAction, loggedIn } = unit;
    if (unit.dropped && !loggedIn) return undefined;
    if (!loaded && loggedIn && unit.endedIdentity) return 'logInAnew';
    if (!loaded) return changes.isEmpty ? undefined : 'create';
    if (idAction === 'move') return 'move';
    if (this.isRegenerationDue(unit, loaded)) return 'regenerate';
    if (!changes.isEmpty) return 'replace';
    if (this.isTouchDue(unit, loaded)) return 'touch';
    return this.visits.isConfirmDue(unit, loaded) ? 'confirm' : undefined;
  }

  private store(write: Write, unit: LimitedCommit): Awaitable<CommitResult> {
    if (write === 'create') return this.create(unit);
    if (write === 'logInAnew') return this.logInAnew(unit, unit.endedIdentity!);
    if (write === 'touch') return this.visits.touch(unit, unit.loaded!, this.seenNow(unit.loaded!.record));
    if (write === 'confirm') return this.visits.confirm(unit, unit.loaded!);
    return this[write](unit, unit.loaded!);
  }

  private withoutWrite(unit: PendingCommit): CommitResult {
    const { loaded } = unit;
    if (unit.dropped && !unit.loggedIn) return this.drop(unit);
    return loaded ? { entry: loaded, cookie: 'keep', gone: false } : NOTHING;
  }

  /** Ends a stored session for good, or all those that the cookies of an ambiguous request lead to. */
  end(ending: StoredSession | BroughtCookies, until = this.latest()): Awaitable<CommitResult> {
    const end = this.probes?.begin('commit');
    const ended = end ? probed(end, () => this.endAll(ending, until)) : this.endAll(ending, until);
    return andThen(ended, () => ({ ...NOTHING, cookie: 'clear' as const }));
  }

  private endAll(ending: StoredSession | BroughtCookies, until: number): Awaitable<void> {
    return 'texts' in ending ? this.endEach(ending, until) : this.endOne(ending, until);
  }

  private endOne(base: StoredSession, until: number): Awaitable<void> {
    return andThen(this.repository.end(base, undefined, until), (ended) => {
      if (ended === false) return; // another request was first
      this.events.emit('ended', { session: this.policy.session, id: publicId(base) });
      this.signedOut(base, 'logout');
    });
  }

  private async endEach({ texts }: BroughtCookies, until: number): Promise<void> {
    for (const text of texts) {
      const found = await this.repository.open(text);
      if (found.kind === 'live') await this.endOne(found.entry, until);
    }
  }

  /** Drops the changes of an ended session, and reports it if there were some. */
  private drop({ changes }: PendingCommit): CommitResult {
    if (changes.isEmpty) return NOTHING;
    this.events.emit('dropped', { session: this.policy.session, why: 'ended' });
    return { ...NOTHING, gone: true };
  }

  /** Creates a session, unless the changes leave it empty: an empty session is never stored. */
  private create({ blank, changes, nextIdentity, loggedIn, until }: LimitedCommit): Awaitable<CommitResult> {
    const record = this.seenNow(changes.applyTo(blank()));
    if (isEmptyRecord(record)) return NOTHING;
    return andThen(this.repository.create(nextIdentity(), record, until), (entry) => {
      this.events.emit('created', { session: this.policy.session, id: publicId(entry) });
      if (loggedIn) this.signedIn(entry);
      return { entry, cookie: 'send' as const, gone: false };
    });
  }

  private moveTo(
    unit: LimitedCommit,
    base: StoredSession,
    current: StoredSession,
    kind: MoveKind,
    conflicts: number,
  ): Awaitable<StoredSession | undefined> {
    const { repository } = this;
    const change = (found: StoredSession) => {
      if (isAnothers(current.record, found.record)) return undefined;
      this.checkCollisions(unit, base, found);
      return this.seenNow(unit.changes.applyTo(found.record));
    };
    const to = unit.nextIdentity();
    if (repository.moveLocked && conflicts >= (repository.locksAfter ?? 0))
      return repository.moveLocked(current, to, change, kind, unit.until);
    return repository.move(current, to, change(current)!, kind, unit.until);
  }

  /** Creates the session of a login whose visitor's session has ended. If an earlier login of the same subject has ended it,
   *  as the first of two clicks does, its values are carried over: both logins come from one visitor. */
  private async logInAnew(unit: LimitedCommit, ended: Identity): Promise<CommitResult> {
    const { subject } = unit.changes.applyTo(unit.blank());
    const carried = subject === undefined ? undefined : await this.repository.carriedOver?.(ended, subject);
    return this.create(carried ? { ...unit, blank: () => carried } : unit);
  }

  /** Saves changes under the same id. On the server, the queue joins them with those of other requests. */
  private replace(unit: LimitedCommit, base: StoredSession): Awaitable<CommitResult> {
    const { changes, renew, until } = unit;
    const onCollision = (keys: readonly string[]) => this.collided(base, keys);
    if (!this.repository.onServer)
      return andThen(
        this.repository.replace(base, this.seenNow(changes.applyTo(base.record)), until),
        (entry) => this.saved(unit, entry, base),
      );
    const seen = renew !== 'unseen';
    const save = { base, changes, onCollision, seen, until };
    return this.queue.save(save).then((entry) => this.saved(unit, entry, base));
  }

  /** Moves the session to another id, after a login or because the handler asked for it. A conflict is resolved by
   *  applying the changes to what is stored now. If the session has ended meanwhile, a login still creates a new
   *  one. */
  private async move(unit: LimitedCommit, base: StoredSession): Promise<CommitResult> {
    const kind = unit.loggedIn ? 'login' : 'asked';
    let current = base;
    for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
      const moved = await this.moveTo(unit, base, current, kind, attempt);
      if (moved && attempt) this.probes?.merged();
      if (moved) return this.moved(unit, current, moved);
      if (attempt) await jitter(attempt);
      const found = await this.visits.reloadOwn(current);
      if (!found) return unit.loggedIn ? this.logInAnew(unit, current) : this.gone();
      current = found;
    }
    throw new SessionStateError('ERR_SESSION_CONFLICT', 'Too many requests changed the session at once');
  }

  private moved({ loggedIn }: PendingCommit, before: StoredSession, entry: StoredSession): CommitResult {
    if (before.record.subject !== entry.record.subject) this.signedOut(before, 'login');
    if (loggedIn) this.signedIn(entry);
    return this.regenerated(entry, false);
  }

  private signedIn(entry: StoredSession): void {
    const { subject, authenticatedAt } = entry.record;
    const how = authenticatedAt ? 'login' : 'remembered';
    this.events.emit('signedIn', {
      session: this.policy.session,
      id: publicId(entry),
      subject: subject!,
      how,
    });
  }

  private signedOut(entry: StoredSession, why: 'logout' | 'login'): void {
    const { subject } = entry.record;
    if (subject === undefined) return;
    this.events.emit('signedOut', { session: this.policy.session, id: publicId(entry), subject, why });
  }

  /** Renews the id periodically, in one attempt. A request that comes second finds the successor and saves its
   *  changes there. A request without changes is served even if the renewal fails. */
  private async regenerate(unit: LimitedCommit, base: StoredSession): Promise<CommitResult> {
    if (!unit.changes.isEmpty) return this.moveOnce(unit, base);
    const until = bestEffortUntil(unit);
    try {
      return await within(until, this.moveOnce({ ...unit, until }, base));
    } catch (error) {
      return this.visits.failed(unit, base, error);
    }
  }

  private async moveOnce(unit: LimitedCommit, base: StoredSession): Promise<CommitResult> {
    const record = this.renewed(this.seenNow(unit.changes.applyTo(base.record)));
    const to = this.repository.identity(record);
    const moved = await this.repository.move(base, to, record, 'periodic', unit.until);
    if (moved) return this.regenerated(moved, true);
    const found = await this.visits.reloadOwn(base);
    if (!found) return unit.changes.isEmpty ? ENDED : this.gone();
    this.checkCollisions(unit, base, found);
    if (!unit.changes.isEmpty) this.probes?.merged();
    const next: LimitedCommit = { ...unit, loaded: found, renew: 'no' };
    const write = this.writeOf(next);
    return write && write !== 'confirm' ? this.store(write, next) : sentAgain(found);
  }

  /** Returns the result of a save. Saves are joined: the cookie is sent again if the joined session or this
   *  request's session needs it. */
  private saved(unit: PendingCommit, entry: StoredSession | undefined, base: StoredSession): CommitResult {
    if (!entry) return this.gone();
    return { entry, cookie: this.visits.cookieOf(entry, base, unit), gone: false };
  }

  private gone(): CommitResult {
    this.events.emit('dropped', { session: this.policy.session, why: 'gone' });
    return { ...NOTHING, gone: true };
  }

  private regenerated(entry: StoredSession, periodic: boolean): CommitResult {
    this.events.emit('regenerated', { session: this.policy.session, id: publicId(entry), periodic });
    return { entry, cookie: periodic ? 'resend' : 'send', gone: false };
  }

  private checkCollisions({ changes }: PendingCommit, base: StoredSession, current: StoredSession): void {
    const keys = changes.collisions(base.record, current.record);
    if (keys.length) this.collided(base, keys);
  }

  /** Reports two values for one key, and throws 409 if `session.onConflict` is `reject`. */
  private collided(entry: StoredSession, keys: readonly string[]): void {
    const refused = this.policy.onConflict === 'reject';
    this.events.emit('conflict', { session: this.policy.session, id: publicId(entry), keys, refused });
    if (refused)
      throw new SessionStateError(
        'ERR_SESSION_CONFLICT',
        'Another request changed the same part of the session',
      );
  }

  private isRegenerationDue(
    { renew, headSent }: PendingCommit,
    { record, migratableUntil }: StoredSession,
  ): boolean {
    if (headSent || !this.repository.followsOldIds) return false;
    if (migratableUntil) return true; // its row stands for where it came from
    return renew !== 'no' && isRegenerationDue(record, this.repository.now(), this.policy.timeouts);
  }

  private isTouchDue({ renew }: PendingCommit, { record, stale, migratableUntil }: StoredSession): boolean {
    if (migratableUntil && !this.repository.onServer) return true;
    if (renew === 'no' || renew === 'unseen') return false;
    return stale || renew === 'force' || isTouchDue(record, this.repository.now(), this.policy.timeouts);
  }

  /** Returns the record as seen now: the idle clock starts anew, under the timeouts that are configured now. */
  private seenNow(record: SessionRecord): SessionRecord {
    const lastSeenAt = Math.max(record.idIssuedAt, this.repository.now());
    return { ...record, lastSeenAt, idleTimeout: this.policy.timeouts.idleTimeout };
  }

  private renewed(record: SessionRecord): SessionRecord {
    return { ...record, idIssuedAt: record.lastSeenAt, generation: record.generation + 1 };
  }
}
