import { SessionConfigError } from '../errors/session-config.error.js';
import { SETTLED_AFTER } from './ring-plan.js';

/** Milliseconds by which the store's clock may move against our own, and for which nothing is done when it has moved more. */
const JUMP = 600_000;

/** Judges what a process has read by a clock of its own. `now` returns milliseconds of a clock that nobody sets. */
export class RingWatch {
  private goodSince: number | undefined;
  private offset: number | undefined;
  private jumpedAt = -Infinity;

  constructor(private readonly now: () => number) {}

  /** The rows were read, at this moment of the store's clock. */
  read(storeNow: Date): void {
    const now = this.now();
    const offset = storeNow.getTime() - now;
    if (Math.abs(offset - (this.offset ?? offset)) > JUMP) this.jumpedAt = this.goodSince = now;
    this.offset = offset;
    this.goodSince ??= now;
  }

  /** The rows could not be read or used. */
  failed(): void {
    this.goodSince = undefined;
  }

  /** True if all went well for so long that every other process has read the rows too. After an outage of the store, whoever
   *  reads first must not seal by a key that the others could not read. */
  get isSettled(): boolean {
    return this.goodSince !== undefined && this.now() - this.goodSince >= 1000 * SETTLED_AFTER;
  }

  /** Throws while the store's clock has jumped: what is done by a wrong clock, such as to drop a key, cannot be undone. */
  checkClock(): void {
    if (this.now() - this.jumpedAt >= JUMP) return;
    throw new SessionConfigError([{ path: 'crypto.ring', message: JUMPED }]);
  }
}

const JUMPED =
  "the clock of the keys' store has moved by more than ten minutes against that of this process; no key is made, promoted or dropped " +
  'before the clock has run evenly for ten minutes; set the clock of the store right (docs/keys.md, "Disasters")';
