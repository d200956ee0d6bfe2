import { beginWait, endWait, TimeoutError } from '../time-limit.js';

/** Statements that may wait for a place. More would only wait until their time is over. */
const MAX_WAITING = 1000;

/** Statements do not find a place: too many are waiting. */
export class CrowdedError extends Error {
  readonly code = 'crowded';
}

/** A number of places that statements take and leave. Who finds none waits for one, in order, for a limited time and behind
 *  a limited number of others. */
export class Places {
  /** Those who wait, the first first. */
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves when a place is taken. Rejects with a TimeoutError at `until` (`performance.now()`), and with a CrowdedError at
   *  once if too many wait. */
  take(until: number): Promise<void> | undefined {
    if (this.free > 0) return void this.free--;
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(new CrowdedError('crowded'));
    return new Promise((resolve, reject) => {
      const enter = () => {
        endWait(wait);
        resolve();
      };
      const late = () => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(new TimeoutError('timeout'));
      };
      const wait = { until, late };
      beginWait(wait);
      this.waiting.push(enter);
    });
  }

  /** Gives the place to the first who waits. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
