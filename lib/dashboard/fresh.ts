import { within } from './within.js';

interface FreshOptions {
  /** Milliseconds for which an answer is fresh. */
  readonly milliseconds: number;
  /** Milliseconds that one who asks waits. */
  readonly patience: number;
  /** Returns milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

/** Remembers an answer for a while, so that any number of viewers asks for it once. */
export class Fresh<T> {
  private asked: Promise<T> | undefined;
  private askedAt = -Infinity;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly options: FreshOptions,
  ) {}

  /** Resolves to the answer; to `undefined` if it failed or is late. A late one is not asked for again before it is there. */
  get(): Promise<T | undefined> {
    return within(this.options.patience, () => this.answer());
  }

  private answer(): Promise<T> {
    const { now, milliseconds } = this.options;
    if (this.asked && now() - this.askedAt < milliseconds) return this.asked;
    this.askedAt = Infinity; // it is under way
    const settled = () => void (this.askedAt = now());
    this.asked = this.start();
    this.asked.then(settled, settled);
    return this.asked;
  }

  private async start(): Promise<T> {
    return this.ask();
  }
}
