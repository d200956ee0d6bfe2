import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionLock } from '../persistence/session-lock.js';
import type { SessionLockOptions } from './lock-options.js';
import type { RequestSession } from './request-session.js';
import type { RequestSessions } from './request-sessions.js';

/** The locks that requests have or wait for. The handlers of one request, such as the fields of a GraphQL operation, share one. */
const shared = new WeakMap<RequestSession, SharedLock>();

/** Locks the stored session of a request for one handler. Resolves to what the handler's end calls. A request without a stored
 *  session gets no lock. Rejects with a SessionStateError: 423 if the lock is not free in time, 409 if the session has ended
 *  meanwhile, 500 if the store has no locks. */
export async function lockSession(
  sessions: RequestSessions,
  session: RequestSession,
  options: Required<SessionLockOptions>,
): Promise<() => void> {
  const lock = shared.get(session) ?? new SharedLock(sessions, session, options);
  // Messages of a socket share its session, and still exclude each other.
  if (!sessions.outlivesRequest) shared.set(session, lock);
  await lock.enter();
  return () => lock.leave();
}

/** One lock, from the first handler that enters until all have left and the response is closed. */
class SharedLock {
  private handlers = 0;
  private isClosed: boolean;
  private taken: Promise<SessionLock | undefined> | undefined;
  private readonly waiting = new AbortController();

  constructor(
    sessions: RequestSessions,
    private readonly session: RequestSession,
    private readonly options: Required<SessionLockOptions>,
  ) {
    this.isClosed = sessions.outlivesRequest; // a message has no response
    if (this.isClosed) return;
    sessions.onClose(() => {
      this.isClosed = true;
      this.waiting.abort();
      this.releaseIfDone();
    });
  }

  async enter(): Promise<void> {
    this.handlers++;
    try {
      await (this.taken ??= this.take());
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.handlers--;
    this.releaseIfDone();
  }

  private async take(): Promise<SessionLock | undefined> {
    const { wait, lease } = this.options;
    const { locks, kind } = this.session.profile.store;
    if (!locks) throw new SessionStateError('ERR_SESSION_UNSUPPORTED', noLocks(kind));
    const timer = setTimeout(() => this.waiting.abort(), 1000 * wait);
    const { signal } = this.waiting;
    return this.session.lock((id) => locks.take(id, 1000 * lease, signal)).finally(() => clearTimeout(timer));
  }

  private releaseIfDone(): void {
    if (this.handlers || !this.isClosed) return;
    void this.taken?.then((lock) => lock && this.session.unlock(lock)).catch(() => undefined);
    this.taken = undefined;
  }
}

/** Returns what is wrong with a store for `@SessionLock()`. */
export const noLocks = (kind: string): string =>
  `"${kind}" has no locks for @SessionLock(); use typeOrmStore(), pgStore(), redisStore() or memoryStore()`;
