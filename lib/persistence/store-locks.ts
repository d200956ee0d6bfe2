import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionLocks } from '../stores/session-locks.interface.js';
import { SessionLock } from './session-lock.js';
import { probed, type SessionProbes } from './session-probes.js';
import { Turns } from './turns.js';

/** Bytes that tell one holder from another. */
const HOLDER_LENGTH = 12;

/** The longest pause between two questions to the store, in milliseconds. */
const LONGEST_PAUSE = 100;

/** The shortest life of a lock, in milliseconds. */
const SHORTEST_LIFE = 1000;

/** Takes the locks of sessions in one store. The requests of this process queue here, so that for each lock only one of them asks
 *  the store, again and again, until it is free. Nobody holds a connection meanwhile. */
export class StoreLocks {
  private readonly turns = new Turns();
  /** Milliseconds after which the lock of a dead process is free. A write that began under it is done by then. */
  private readonly lifetime: number;

  constructor(
    private readonly locks: SessionLocks,
    private readonly writeTimeout: number,
    private readonly pause: (attempt: number, waiting: AbortSignal) => Promise<void> = jitter,
    private readonly probes?: SessionProbes,
  ) {
    this.lifetime = Math.max(SHORTEST_LIFE, 2 * writeTimeout);
  }

  /** Waits for the lock of a session, for a request that may have it for `lease` milliseconds. Rejects with a SessionStateError
   *  (423) once `waiting` is aborted, and with a SessionStoreError when the store does not respond. */
  take(session: Buffer, lease: number, waiting: AbortSignal): Promise<SessionLock> {
    const end = this.probes?.begin('wait', 'lock');
    if (!end) return this.takeInTurn(session, lease, waiting);
    return probed(end, () => this.takeInTurn(session, lease, waiting)) as Promise<SessionLock>;
  }

  private async takeInTurn(session: Buffer, lease: number, waiting: AbortSignal): Promise<SessionLock> {
    const name = nameOf(session);
    const line = name.toString('latin1');
    if (!(await this.turns.wait(line, waiting))) throw locked();
    const onEnd = () => this.turns.leave(line);
    try {
      const holder = Buffer.from(randomPoolBytes(HOLDER_LENGTH));
      const since = await this.acquire(name, holder, waiting);
      const { locks, lifetime, writeTimeout } = this;
      return new SessionLock({ locks, name, holder, lifetime, writeTimeout, lease, since, onEnd });
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  /** Asks for the lock until it is free. Resolves to the moment of the question that was answered with yes. */
  private async acquire(name: Buffer, holder: Buffer, waiting: AbortSignal): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const sent = performance.now();
      if (await this.ask(name, holder)) return sent;
      await this.pause(attempt, waiting);
      if (waiting.aborted) throw locked();
    }
  }

  /** Asks for the lock once. Where the answer is lost, the store may have given it, and nobody would release it. */
  private async ask(name: Buffer, holder: Buffer): Promise<boolean> {
    try {
      return await this.locks.acquire(name, holder, this.lifetime);
    } catch (error) {
      this.locks.release(name, holder).catch(() => undefined);
      throw error;
    }
  }
}

/** The name of a session's lock. It stays while the id of the row is renewed periodically, and tells nobody the session. */
const nameOf = (session: Buffer): Buffer =>
  createHash('sha256').update('nestjs-session-crypto/lock\0').update(session).digest();

/** The error of a request that has waited for too long. */
export const locked = (): SessionStateError =>
  new SessionStateError(
    'ERR_SESSION_LOCKED',
    'Another request of this session has its lock (@SessionLock()) and did not end in time',
  );

/** Waits a random time of at most 8, 16, 32 … 100 ms, or until `waiting` is aborted. */
const jitter = (attempt: number, waiting: AbortSignal): Promise<void> =>
  delay(Math.random() * Math.min(LONGEST_PAUSE, 4 * 2 ** attempt), undefined, { signal: waiting }).catch(
    () => undefined,
  );
