import { causeOf } from '../errors/session-store.error.js';
import type { Awaitable } from '../crypto/awaitable.js';
import { isAnothers, type SessionRecord } from '../record/session-record.js';
import { BUDGET, within } from '../stores/time-limit.js';
import type {
  CommitPolicy,
  CommitResult,
  CookieAction,
  LimitedCommit,
  PendingCommit,
} from './session-commit.interface.js';
import type { SessionEvents } from './session-events.js';
import type { SessionRepository, StoredSession } from './session-repository.interface.js';

/** The session of a request without changes has ended. The browser may have the cookie of a new login. */
export const ENDED: CommitResult = { entry: undefined, cookie: 'withhold', gone: false };

/** When a step is given up that may fail: before whoever waits for the commit gives up, so that the request is served. */
export function bestEffortUntil({ until }: LimitedCommit): number {
  const now = performance.now();
  return now + BUDGET * (until - now);
}

/** The commits of requests that only read: they move the idle clock, and send the cookie again. A failure of theirs is reported and
 *  fails no request. */
export class SessionVisits {
  constructor(
    private readonly repository: SessionRepository,
    private readonly policy: Pick<CommitPolicy, 'session' | 'cookieExpires'>,
    private readonly events: SessionEvents,
  ) {}

  /** Moves the idle clock. `seen` is the record with the clock moved. */
  touch(unit: LimitedCommit, base: StoredSession, seen: SessionRecord): Awaitable<CommitResult> {
    const done = (entry: StoredSession | undefined): CommitResult =>
      entry ? { entry, cookie: this.cookieOf(entry, base, unit), gone: false } : ENDED;
    const failed = (error: unknown) => this.failed(unit, base, error);
    const until = bestEffortUntil(unit);
    try {
      const touched = this.repository.touch(base, seen, until);
      return touched instanceof Promise ? within(until, touched).then(done, failed) : done(touched);
    } catch (error) {
      return failed(error);
    }
  }

  /** True if the head would send an id again that a login of another request may have ended since it was read. */
  isConfirmDue({ until, headSent, cookie }: PendingCommit, { cookieOutdated }: StoredSession): boolean {
    const isForHead = until !== undefined && !headSent;
    return cookieOutdated && isForHead && cookie !== 'send' && this.repository.followsOldIds;
  }

  /** Reads the session again before its cookie is sent again. */
  confirm(unit: LimitedCommit, base: StoredSession): Promise<CommitResult> {
    return within(bestEffortUntil(unit), this.reloadOwn(base)).then(
      (found) => (found ? sentAgain(found.key.equals(base.key) ? base : found) : ENDED),
      (error: unknown) => this.failed(unit, base, error),
    );
  }

  /** Returns the session as it is stored now; `undefined` if it has ended or has become another subject's. */
  async reloadOwn(entry: StoredSession): Promise<StoredSession | undefined> {
    const found = await this.repository.reload(entry);
    return found.kind === 'live' && !isAnothers(entry.record, found.entry.record) ? found.entry : undefined;
  }

  /** Reports what has failed. Nobody knows whether the session is still there, so its cookie is not sent, unless this request has
   *  made its id. */
  failed({ cookie }: PendingCommit, base: StoredSession, error: unknown): CommitResult {
    this.events.emit('touchFailed', { session: this.policy.session, code: causeOf(error) });
    const isOthersToo = cookie === 'resend' || cookie === 'renew';
    return { entry: base, cookie: isOthersToo ? 'withhold' : 'keep', gone: false };
  }

  /** Returns what the head does with the cookie of a session that was stored a moment ago. `base` is what it was before. */
  cookieOf(entry: StoredSession, base: StoredSession, { cookie }: PendingCommit): CookieAction {
    if (cookie === 'send' && entry.key.equals(base.key)) return 'send';
    if (entry.cookieOutdated || base.cookieOutdated) return 'resend';
    return this.policy.cookieExpires ? 'renew' : 'keep';
  }
}

/** Returns the result of a commit that has just read the session. */
export const sentAgain = (entry: StoredSession): CommitResult => ({
  entry,
  cookie: entry.cookieOutdated ? 'resend' : 'keep',
  gone: false,
});
