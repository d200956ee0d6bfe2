import { within } from '../stores/time-limit.js';

/** Asks something that may never answer. A call joins the question that is under way, so that however many callers ask a store that
 *  hangs, one question waits there. */
export class JoinedQuestion<T> {
  private underWay: Promise<T> | undefined;

  constructor(private readonly ask: () => Promise<T>) {}

  /** Resolves or rejects as the question does; rejects with a TimeoutError after `limit` milliseconds. */
  answer(limit: number): Promise<T> {
    this.underWay ??= this.ask().finally(() => (this.underWay = undefined));
    return within(performance.now() + limit, this.underWay);
  }
}
