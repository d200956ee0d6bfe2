import { after, type Awaitable } from '../crypto/index.js';
import { codeOf, SessionStateError, UnavailableError } from '../errors/index.js';
import type { ChangeSet } from './change-set.js';
import { jitter, SaveQueue } from './save-queue.js';
import type { SessionEvents } from './session-events.js';
import { isRegenerationDue, isTouchDue, type SessionTimeouts } from './session-lifetime.js';
import { isAnothers, isEmptyRecord, type SessionRecord } from './session-record.js';
import type { Entry, Identity, SessionRepository } from './session-repository.interface.js';

export interface CommitPolicy {
  readonly session: string;
  readonly timeouts: SessionTimeouts;
  /** Two requests that overwrote one key: the later wins, or is refused with 409. */
  readonly onConflict: 'last-wins' | 'reject';
}

/** What a request has made of its session. */
export interface CommitUnit {
  /** The session as it was loaded; absent for a new one. */
  readonly base: Entry | undefined;
  /** What an empty new session begins as. */
  readonly blank: () => SessionRecord;
  readonly changes: ChangeSet;
  /** `keep` the identity, or `move` to {@link next}. */
  readonly fate: 'keep' | 'move';
  /** Who the session becomes when it moves or is new. */
  readonly next: () => Identity;
  /** Drop the changes, since the cookie led to a session that was ended. */
  readonly dropped: boolean;
  /** Somebody logged in: the session is kept even where its predecessor has ended meanwhile. */
  readonly loggedIn: boolean;
  /** Whether idle clock and id are renewed when they are due; `force`: the idle clock in any case. */
  readonly renew: 'due' | 'force' | 'no';
  /** No cookie can be sent any more, so the id stays. */
  readonly headSent: boolean;
}

export interface CommitResult {
  /** The session as it is stored now. */
  readonly entry: Entry | undefined;
  readonly cookie: 'send' | 'clear' | 'keep';
  /** The changes were dropped: the session ended meanwhile. */
  readonly gone: boolean;
}

const MAX_RETRIES = 10;
const NOTHING: CommitResult = { entry: undefined, cookie: 'keep', gone: false };

/** The one commit loop: whatever a request did to its session is stored here, once for each change set. */
export class SessionCommitter {
  private readonly queue: SaveQueue;

  constructor(
    private readonly repository: SessionRepository,
    private readonly policy: CommitPolicy,
    private readonly events: SessionEvents,
  ) {
    this.queue = new SaveQueue(repository, (record) => this.issued(record));
  }

  /** Stores what is due. Answers on the same tick where nothing has to be waited for. */
  commit(unit: CommitUnit): Awaitable<CommitResult> {
    const { base, changes, fate } = unit;
    if (unit.dropped && !unit.loggedIn) return this.drop(unit);
    if (!base) return this.create(unit);
    if (fate === 'move') return this.move(unit, base);
    if (this.isRegenerationDue(unit, base)) return this.regenerate(unit, base);
    if (!changes.isEmpty) return this.replace(unit, base);
    if (this.isTouchDue(unit, base)) return this.touch(base);
    return base.resend
      ? { entry: base, cookie: 'send', gone: false }
      : { entry: base, cookie: 'keep', gone: false };
  }

  /** Ends a stored session for good. */
  end(base: Entry): Awaitable<CommitResult> {
    return after(this.repository.end(base), () => {
      this.events.emit('ended', { session: this.policy.session, id: publicId(base) });
      return { ...NOTHING, cookie: 'clear' as const };
    });
  }

  private drop({ changes }: CommitUnit): CommitResult {
    if (changes.isEmpty) return NOTHING;
    this.events.emit('dropped', { session: this.policy.session, why: 'ended' });
    return { ...NOTHING, gone: true };
  }

  private create({ blank, changes, next }: CommitUnit): Awaitable<CommitResult> {
    if (changes.isEmpty) return NOTHING;
    const record = this.issued(changes.applyTo(blank()));
    if (isEmptyRecord(record)) return NOTHING;
    return after(this.repository.create(next(), record), (entry) => {
      this.events.emit('created', { session: this.policy.session, id: publicId(entry) });
      return { entry, cookie: 'send' as const, gone: false };
    });
  }

  private replace({ changes }: CommitUnit, base: Entry): Awaitable<CommitResult> {
    const onCollision = (keys: readonly string[]) => this.collided(base, keys);
    if (!this.repository.onServer)
      return after(this.repository.replace(base, this.issued(changes.applyTo(base.record))), (entry) =>
        this.saved(entry, base),
      );
    return this.queue.save(base, changes, onCollision).then((entry) => this.saved(entry, base));
  }

  private async move(unit: CommitUnit, base: Entry): Promise<CommitResult> {
    const kind = unit.loggedIn ? 'login' : 'asked';
    let current = base;
    for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
      this.checkCollisions(unit, base, current);
      const record = this.issued(unit.changes.applyTo(current.record));
      const moved = await this.repository.move(current, unit.next(), record, kind);
      if (moved) return this.regenerated(moved, false);
      if (attempt) await jitter(attempt);
      const found = await this.again(current);
      if (!found) return unit.loggedIn ? this.create({ ...unit, base: undefined }) : this.gone();
      current = found;
    }
    throw new SessionStateError('ERR_SESSION_CONFLICT', 'Too many requests changed the session at once');
  }

  /** Periodic: one attempt. Whoever comes second finds the successor and makes its changes there. */
  private async regenerate(unit: CommitUnit, base: Entry): Promise<CommitResult> {
    const record = this.renewed(this.issued(unit.changes.applyTo(base.record)));
    const to = this.repository.identity(record);
    const moved = await this.repository.move(base, to, record, 'periodic');
    if (moved) return this.regenerated(moved, true);
    const found = await this.again(base);
    if (!found) return unit.changes.isEmpty ? NOTHING : this.gone();
    this.checkCollisions(unit, base, found);
    return this.commit({ ...unit, base: found, renew: 'no' });
  }

  /** The session as it is now, unless it has ended or become somebody else's. */
  private async again(entry: Entry): Promise<Entry | undefined> {
    const found = await this.repository.reload(entry);
    return found.kind === 'live' && !isAnothers(entry.record, found.entry.record) ? found.entry : undefined;
  }

  private touch(base: Entry): Awaitable<CommitResult> {
    const done = (entry: Entry): CommitResult => ({
      entry,
      cookie: entry.resend ? 'send' : 'keep',
      gone: false,
    });
    const failed = (error: unknown) => this.touchFailed(base, error);
    try {
      const touched = this.repository.touch(base, this.issued(base.record));
      return touched instanceof Promise ? touched.then(done, failed) : done(touched);
    } catch (error) {
      return failed(error);
    }
  }

  /** A touch is no reason to fail a request that only read. */
  private touchFailed(base: Entry, error: unknown): CommitResult {
    const code = error instanceof UnavailableError ? error.reason : codeOf(error);
    this.events.emit('touchFailed', { session: this.policy.session, code });
    return { entry: base, cookie: base.resend && !base.adoptedUntil ? 'send' : 'keep', gone: false };
  }

  /** Saves are joined, so that the entry may be one whose cookie was right where this request's is not. */
  private saved(entry: Entry | undefined, base: Entry): CommitResult {
    if (!entry) return this.gone();
    return { entry, cookie: entry.resend || base.resend ? 'send' : 'keep', gone: false };
  }

  private gone(): CommitResult {
    this.events.emit('dropped', { session: this.policy.session, why: 'gone' });
    return { ...NOTHING, gone: true };
  }

  private regenerated(entry: Entry, periodic: boolean): CommitResult {
    this.events.emit('regenerated', { session: this.policy.session, id: publicId(entry), periodic });
    return { entry, cookie: 'send', gone: false };
  }

  private checkCollisions({ changes }: CommitUnit, base: Entry, current: Entry): void {
    const keys = changes.collisions(base.record, current.record);
    if (keys.length) this.collided(base, keys);
  }

  private collided(entry: Entry, keys: readonly string[]): void {
    const refused = this.policy.onConflict === 'reject';
    this.events.emit('conflict', { session: this.policy.session, id: publicId(entry), keys, refused });
    if (refused)
      throw new SessionStateError(
        'ERR_SESSION_CONFLICT',
        'Another request changed the same part of the session',
      );
  }

  private isRegenerationDue({ renew, headSent }: CommitUnit, { record, adoptedUntil }: Entry): boolean {
    if (headSent || !this.repository.leads) return false;
    if (adoptedUntil) return true; // its row stands for where it came from
    return renew !== 'no' && isRegenerationDue(record, this.repository.now(), this.policy.timeouts);
  }

  private isTouchDue({ renew }: CommitUnit, { record, stale, adoptedUntil }: Entry): boolean {
    if (adoptedUntil && !this.repository.onServer) return true;
    if (renew === 'no') return false;
    return stale || renew === 'force' || isTouchDue(record, this.repository.now(), this.policy.timeouts);
  }

  /** The record as of now: the idle clock starts anew, under the limits that are configured now. */
  private issued(record: SessionRecord): SessionRecord {
    const issuedAt = Math.max(record.createdAt, this.repository.now());
    return { ...record, issuedAt, idleTimeout: this.policy.timeouts.idleTimeout };
  }

  private renewed(record: SessionRecord): SessionRecord {
    return { ...record, createdAt: record.issuedAt, generation: record.generation + 1 };
  }
}

/** What the public may know a session by. */
export const publicId = ({ key }: Identity): string => key.toString('base64url');
