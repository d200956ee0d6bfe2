import { JoinedQuestion } from '../checkup/joined-question.js';

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
  private readonly question = new JoinedQuestion(() => this.renew());
  private last: { readonly answer: T | undefined; readonly at: number } | undefined;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly options: FreshOptions,
  ) {}

  /** Resolves to the answer; to `undefined` if it failed or is late. A late one is not asked for again before it is there. */
  async get(): Promise<T | undefined> {
    const { last, options } = this;
    if (last && options.now() - last.at < options.milliseconds) return last.answer;
    return this.question.answer(options.patience).catch(() => undefined);
  }

  private async renew(): Promise<T | undefined> {
    const answer = await this.ask().catch(() => undefined);
    this.last = { answer, at: this.options.now() };
    return answer;
  }
}
