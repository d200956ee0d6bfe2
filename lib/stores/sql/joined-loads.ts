import { setImmediate } from 'node:timers';

/** Keys of one statement. More go into the next one. */
const MOST = 100;

/** How rows are loaded. `end` is the moment of `performance.now()` at which whoever waits has given up. */
export interface Loader<R> {
  /** Loads the row of one key. */
  one(key: Buffer, end: number): Promise<R | undefined>;
  /** Loads the rows of several keys by one statement. The result has a row, or `undefined`, for each key. */
  many(keys: readonly Buffer[], end: number): Promise<(R | undefined)[]>;
}

interface Load<R> {
  readonly key: Buffer;
  readonly end: number;
  readonly resolve: (row: R | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends loads that wait in the same tick as one statement. A tick ends when the process has read what had arrived for it, so
 *  a load waits for nobody. If the statement fails, each load runs alone: a row that cannot be read costs no other session
 *  its answer. */
export class JoinedLoads<R> {
  private waiting: Load<R>[] = [];

  constructor(
    private readonly loader: Loader<R>,
    /** Milliseconds that one load may take. */
    private readonly limit: number,
  ) {}

  load(key: Buffer): Promise<R | undefined> {
    return new Promise((resolve, reject) => {
      const { waiting } = this;
      waiting.push({ key, end: performance.now() + this.limit, resolve, reject });
      if (waiting.length === 1) setImmediate(this.send);
      else if (waiting.length === MOST) this.send();
    });
  }

  private readonly send = (): void => {
    const loads = this.waiting;
    this.waiting = [];
    if (loads.length > 1) void this.together(loads);
    else if (loads[0]) this.alone(loads[0]);
  };

  private alone({ key, end, resolve, reject }: Load<R>): void {
    this.loader.one(key, end).then(resolve, reject);
  }

  private async together(loads: readonly Load<R>[]): Promise<void> {
    const { end } = loads[0]!;
    try {
      const keys = loads.map(({ key }) => key);
      const rows = await this.loader.many(keys, end);
      loads.forEach(({ resolve }, i) => resolve(rows[i]));
    } catch (error) {
      for (const load of loads)
        if (performance.now() < end) this.alone(load);
        else load.reject(error);
    }
  }
}
