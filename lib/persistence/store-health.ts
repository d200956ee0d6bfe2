import { SessionStoreError } from '../errors/session-store.error.js';
import type { SessionCryptoError } from '../errors/session-crypto.error.js';
import type { SessionEvents } from './session-events.js';

/** Of a store that has answered: it refuses a key twice, or somebody else holds the session. */
const ANSWERS: readonly string[] = ['duplicate', 'locked'];

/** Watches what a store is asked for: an answer in time or a SessionStoreError, one event when it goes down and one when
 *  it is back. */
export class StoreHealth {
  private down = false;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly session: string,
    private readonly events: SessionEvents,
    /** Milliseconds that one operation may take. */
    private readonly timeout: number,
  ) {}

  /** The answer of one operation, or an error in its place when it fails or takes too long. */
  watch<R>(operation: string, ask: () => Promise<R>): Promise<R> {
    return this.observe(operation, ask, this.timeout);
  }

  /** As {@link watch}, without a limit to its time. */
  observe<R>(operation: string, ask: () => Promise<R>, timeout?: number): Promise<R> {
    const seen = new Promise<R>((resolve, reject) => {
      const late = () => {
        settle();
        reject(this.failed(operation, new SessionStoreError(operation, 'timeout')));
      };
      const timer = timeout ? setTimeout(late, timeout) : undefined;
      const settle = () => {
        this.underWay.delete(seen);
        clearTimeout(timer);
      };
      asked(ask).then(
        (result) => {
          settle();
          this.succeeded();
          resolve(result);
        },
        (error: unknown) => {
          settle();
          reject(this.failed(operation, error));
        },
      );
    });
    if (timeout) this.underWay.add(seen); // what may take for ever is not waited for
    return seen;
  }

  /** Waits for what is under way and for what follows from it, but not for ever: requests may still be coming in. */
  async drain(): Promise<void> {
    const until = performance.now() + this.timeout;
    while (this.underWay.size && performance.now() < until) {
      await Promise.allSettled(this.underWay);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private succeeded(): void {
    if (this.down) this.events.emit('storeUp', { session: this.session });
    this.down = false;
  }

  private failed(operation: string, error: unknown): SessionCryptoError {
    const known = SessionStoreError.from(operation, error);
    if (known instanceof SessionStoreError && !ANSWERS.includes(known.reason) && !this.down) {
      this.down = true;
      this.events.emit('storeDown', { session: this.session, code: known.reason });
    }
    return known;
  }
}

/** The answer by promise, also where asking throws. */
function asked<R>(ask: () => Promise<R>): Promise<R> {
  try {
    return ask();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
