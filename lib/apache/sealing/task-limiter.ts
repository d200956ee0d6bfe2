import { SessionStoreError } from '../../errors/session-store.error.js';

/** Runs at most `limit` tasks at a time. Up to `queue` further tasks wait, and they start in the order of arrival. */
export class TaskLimiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly limit: number,
    private readonly queue: number,
  ) {}

  /** Returns the result of the task, once its turn has come. Rejects with a SessionStoreError if the queue is full. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= this.queue) throw new SessionStoreError('derive', 'busy');
    if (this.running < this.limit) this.running++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve)); // a task that ends passes its place on
    try {
      return await task();
    } finally {
      this.startNext();
    }
  }

  private startNext(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }
}
