import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionLocks } from '../stores/session-locks.interface.js';

/** What a lock that was just acquired is made of. Times are milliseconds. */
export interface LockParts {
  readonly locks: SessionLocks;
  readonly name: Buffer;
  readonly holder: Buffer;
  /** How long the store keeps the lock after it was acquired or renewed. */
  readonly lifetime: number;
  /** How long one write may be under way. */
  readonly writeTimeout: number;
  /** How long a request may have the lock. */
  readonly lease: number;
  /** When it was asked for, by `performance.now()`. */
  readonly since: number;
  /** Called once, when the holder has the lock no longer. */
  onEnd(): void;
}

/** The lock of a session in the hands of one request. It is renewed until it is released, or until the lease and its last write are over. */
export class SessionLock {
  /** The store keeps the lock at least until then (`performance.now()`). */
  private keptUntil: number;
  private readonly leasedUntil: number;
  /** The last write that was allowed is done by then. */
  private writesUntil = 0;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: LockParts) {
    const { since, lifetime, lease } = parts;
    this.keptUntil = since + lifetime;
    this.leasedUntil = since + lease;
    this.planRenewal();
  }

  /** Renews the lock before a commit. Rejects with a SessionStateError (409) if it is lost. */
  async check(): Promise<void> {
    if (!this.hasEnded) await this.renew();
    this.assertHeld();
  }

  /** Throws a SessionStateError (409) if the lease is over, and unless the lock outlasts a write that begins now: the write would come after those of the
   *  next holder. Each write has a moment, by the store's clock, after which it does nothing. */
  assertHeld(): void {
    const now = performance.now();
    const done = now + this.parts.writeTimeout;
    if (this.hasEnded || now >= this.leasedUntil || done >= this.keptUntil)
      throw new SessionStateError('ERR_SESSION_LOCK_LOST', LOST);
    this.writesUntil = done;
  }

  /** Frees the lock. A failure does no harm: the lock ends by itself. */
  async release(): Promise<void> {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.timer);
    const { locks, name, holder, onEnd } = this.parts;
    await locks.release(name, holder).catch(() => undefined);
    onEnd();
  }

  private async renew(): Promise<void> {
    const { locks, name, holder, lifetime } = this.parts;
    const sent = performance.now();
    if (sent >= this.end) return this.release();
    if (sent >= this.leasedUntil) return; // the store keeps it for longer than the write
    if (await locks.renew(name, holder, lifetime)) this.keptUntil = sent + lifetime;
    else await this.release();
  }

  /** The end of the lease, or of a write that began before. */
  private get end(): number {
    return Math.max(this.leasedUntil, this.writesUntil);
  }

  private planRenewal(): void {
    const { lifetime } = this.parts;
    const delay = Math.min(lifetime / 3, this.end - performance.now());
    this.timer = setTimeout(() => void this.renewInTime(), Math.max(0, delay)).unref();
  }

  /** While the store is away nothing is lost yet: it may be back before the lock ends. */
  private async renewInTime(): Promise<void> {
    await this.renew().catch(() => undefined);
    if (!this.hasEnded) this.planRenewal();
  }
}

const LOST =
  'The request has lost the lock of its session (@SessionLock()): it took longer than the lease, or the process stood still; its changes are not stored';
