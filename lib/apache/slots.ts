/** Runs at most `limit` tasks at once, the others wait in the order in which they came. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** What the task gives, once it has had its turn. */
  async run<T>(task: () => Promise<T>): Promise<T> {
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
