import { TimeoutError, within } from '../stores/time-limit.js';

/** Asks something that may never answer. A call joins the question that is under way, so that however many callers ask a store that
 *  hangs, one question waits there. */
export class JoinedQuestion<T> {
  private underWay: Promise<T> | undefined;

  constructor(private readonly ask: () => Promise<T>) {}

  /** Resolves or rejects as the question does; rejects with a TimeoutError after `limit` milliseconds. */
  answer(limit: number): Promise<T> {
    this.underWay ??= this.ask().finally(() => (this.underWay = undefined));
    const { underWay } = this;
    return within(performance.now() + limit, underWay).catch((error: unknown) =>
      error instanceof TimeoutError
        ? Promise.race([underWay, afterTurn(error)])
        : Promise.reject(error as Error),
    );
  }
}

/** Rejects after one turn of the event loop. Node fires timers before it reads sockets: when the process was busy for longer than the
 *  limit, the answer lies there already. */
const afterTurn = (error: TimeoutError): Promise<never> =>
  new Promise((_, reject) => setImmediate(() => setImmediate(() => reject(error))));
