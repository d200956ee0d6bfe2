import { SessionStoreError } from '../../errors/session-store.error.js';

/** Runs at most `limit` tasks at once, the others wait in the order in which they came, up to `queue` of them. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly limit: number,
    private readonly queue: number,
  ) {}

  /** What the task gives, once it has had its turn. Rejects with a SessionStoreError where too many wait. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= this.queue) throw new SessionStoreError('derive', 'busy');
    if (this.taken < this.limit) this.taken++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve)); // a leaving task hands its slot over
    try {
      return await task();
    } finally {
      this.leave();
    }
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.taken--;
  }
}
