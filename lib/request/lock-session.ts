import { SessionStateError } from '../errors/session-state.error.js';
import { locked } from '../persistence/store-locks.js';
import { Turns } from '../persistence/turns.js';
import type { CommitGuard } from '../session/session-state.js';
import { storeRemedy } from '../stores/store-remedy.js';
import type { SessionLockOptions } from './lock-options.js';
import type { RequestSession } from './request-session.js';
import type { RequestSessions } from './request-sessions.js';

/** The locks that requests have or wait for. The handlers of one request, such as the fields of a GraphQL operation, share one. */
const shared = new WeakMap<RequestSession, SharedLock>();

/** The messages of a socket share one state. Each waits for the handler before it even if that has lost its lock: what that one
 *  still stores would otherwise be judged by the lock of another. */
const turns = new WeakMap<RequestSession, Turns>();

type Lock = CommitGuard & { release(): Promise<void> };

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
  private taken: Promise<Lock | undefined> | undefined;
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

  private async take(): Promise<Lock | undefined> {
    const { wait, lease } = this.options;
    const { store } = this.session.profile;
    const { locks } = store;
    if (!locks) throw new SessionStateError('ERR_SESSION_UNSUPPORTED', noLocks(store));
    const timer = setTimeout(() => this.waiting.abort(), 1000 * wait);
    const { signal } = this.waiting;
    const take = (id: Buffer) => inTurn(this.session, signal, () => locks.take(id, 1000 * lease, signal));
    return this.session.lock(take).finally(() => clearTimeout(timer));
  }

  private releaseIfDone(): void {
    if (this.handlers || !this.isClosed) return;
    void this.taken?.then((lock) => lock && this.session.unlock(lock)).catch(() => undefined);
    this.taken = undefined;
  }
}

/** Takes a lock when no other handler with the same state has one. The turn ends with the release. */
async function inTurn(
  session: RequestSession,
  waiting: AbortSignal,
  take: () => Promise<Lock>,
): Promise<Lock> {
  const line = turns.get(session) ?? new Turns();
  turns.set(session, line);
  if (!(await line.wait('', waiting))) throw locked();
  const leave = () => line.leave('');
  try {
    const lock = await take();
    return {
      check: () => lock.check(),
      assertHeld: () => lock.assertHeld(),
      release: () => lock.release().finally(leave),
    };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Returns what is wrong with a store for `@SessionLock()`. */
export const noLocks = (store: RequestSession['profile']['store']): string =>
  `"${store.kind}" has no locks for @SessionLock(): ${storeRemedy(store, '`locks`')}`;
