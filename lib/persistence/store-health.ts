import { SessionStoreError } from '../errors/session-store.error.js';
import type { SessionCryptoError } from '../errors/session-crypto.error.js';
import { meaningOf } from '../stores/sql/sqlstate.js';
import { beginWait, endWait, within } from '../stores/time-limit.js';
import type { SessionEvents, WatchedStore } from './session-events.js';
import type { ProbeStep } from './session-probe.interface.js';
import { probed, type SessionProbes } from './session-probes.js';

/** Reasons of errors that are no outage: the key exists already, another program holds the session, or too many requests
 *  came at once, which a visitor can cause. */
const ANSWERS: readonly string[] = ['duplicate', 'locked', 'crowded'];

/** The part of the time limit that a store must have had before it counts as down. */
const FAIR = 0.5;

/** Reports whether a store that fails for this reason is down. A store that refuses one statement works. */
export const isOutage = (reason: string): boolean =>
  !ANSWERS.includes(reason) && meaningOf(reason) === 'outage';

/** What all views of one health share. */
interface HealthState {
  isDown: boolean;
  /** Operations with a time limit that are under way. Only their number: a Set of them would keep their requests, as
   *  ShortLivedMap says. */
  underWay: number;
  /** Called when none is under way. */
  readonly idle: (() => void)[];
}

/** Watches the operations of a store: each ends in time or with a SessionStoreError. It emits one event when the
 *  store goes down and one when it is up again. */
export class StoreHealth {
  constructor(
    private readonly session: string,
    private readonly events: SessionEvents,
    /** Milliseconds that one operation may take. */
    readonly timeout: number,
    private readonly probes?: SessionProbes,
    /** What the store holds. */
    readonly store: WatchedStore = 'sessions',
    private readonly state: HealthState = { isDown: false, underWay: 0, idle: [] },
  ) {}

  /** Returns the same health for work that no request asks for: no probe sees its operations. */
  unprobed(): StoreHealth {
    const { session, events, timeout, store, state } = this;
    return new StoreHealth(session, events, timeout, undefined, store, state);
  }

  /** True if the last operation has failed by an outage. */
  get isDown(): boolean {
    return this.state.isDown;
  }

  /** Runs one operation. Rejects with a SessionStoreError when it fails or takes too long. `ask` gets the milliseconds that it
   *  may take. After `until` (`performance.now()`), nothing is asked. */
  watch<R>(operation: string, ask: (timeout: number) => Promise<R>, until?: number): Promise<R> {
    const left = until === undefined ? this.timeout : Math.min(this.timeout, until - performance.now());
    if (left <= 0) return Promise.reject(new SessionStoreError(operation, 'timeout'));
    return this.observe(operation, ask, left);
  }

  /** Like {@link watch}, without a time limit unless one is given. All operations and statements share one timer. */
  observe<R>(operation: string, ask: (timeout: number) => Promise<R>, timeout = Infinity): Promise<R> {
    const end = this.probes?.begin(stepOf(operation), operation);
    if (!end) return this.run(operation, ask, timeout);
    return probed(end, () => this.run(operation, ask, timeout)) as Promise<R>;
  }

  private run<R>(operation: string, ask: (timeout: number) => Promise<R>, timeout: number): Promise<R> {
    const isLimited = timeout < Infinity;
    if (isLimited) this.state.underWay++;
    return new Promise<R>((resolve, reject) => {
      const late = () => {
        settle();
        reject(this.failed(operation, new SessionStoreError(operation, 'timeout'), timeout));
      };
      const wait = { until: performance.now() + timeout, late };
      if (isLimited) beginWait(wait);
      let isUnderWay = isLimited; // what may take for ever is not waited for
      const settle = () => {
        if (!isUnderWay) return;
        isUnderWay = false;
        endWait(wait);
        this.leave();
      };
      asked(ask, timeout).then(
        (result) => {
          settle();
          this.succeeded();
          resolve(result);
        },
        (error: unknown) => {
          settle();
          reject(this.failed(operation, error, timeout));
        },
      );
    });
  }

  private leave(): void {
    if (--this.state.underWay) return;
    for (const resolve of this.state.idle.splice(0)) resolve();
  }

  /** Waits for the operations under way and for those that follow from them, at most as long as one operation may
   *  take: requests may still be coming in. */
  async drain(): Promise<void> {
    const until = performance.now() + this.timeout;
    const { state } = this;
    while (state.underWay && performance.now() < until) {
      await within(until, new Promise<void>((resolve) => state.idle.push(resolve))).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private succeeded(): void {
    if (this.isDown) this.events.emit('storeUp', { session: this.session, store: this.store });
    this.state.isDown = false;
  }

  private failed(operation: string, error: unknown, timeout: number): SessionCryptoError {
    const known = SessionStoreError.from(operation, error);
    if (known instanceof SessionStoreError && this.isOutage(known.reason, timeout) && !this.isDown) {
      this.state.isDown = true;
      this.events.emit('storeDown', { session: this.session, code: known.reason, store: this.store });
    }
    return known;
  }

  /** A store is not down because it had no time: others had spent it. */
  private isOutage(reason: string, timeout: number): boolean {
    return isOutage(reason) && !(reason === 'timeout' && timeout < FAIR * this.timeout);
  }
}

const stepOf = (operation: string): ProbeStep =>
  operation === 'load' || operation === 'prune' ? operation : 'store';

/** Calls `ask`, and turns what it throws into a rejection. */
function asked<R>(ask: (timeout: number) => Promise<R>, timeout: number): Promise<R> {
  try {
    return ask(timeout);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
