import type { ProcessClocks } from '../checkup/process-clocks.js';
import { SessionStateError } from '../errors/session-state.error.js';

/** Milliseconds between two counts, at least. */
const PAUSE = 60_000;
/** A count that took long is not repeated before this many times its duration: a two hundredth of the time goes into it. */
const FACTOR = 200;

/** The number of live sessions, as it was counted last. `impossible`: the store cannot count. `failed`: it does not respond. */
export type Count =
  | { readonly kind: 'known'; readonly value: number; readonly at: number }
  | { readonly kind: 'unknown' | 'impossible' | 'failed' };

/** Counts the live sessions now and then, and never so often that a large table feels it. */
export class Census {
  private last: Count = { kind: 'unknown' };
  private next = -Infinity;
  private isBusy = false;

  constructor(
    private readonly count: () => Promise<number>,
    private readonly clocks: ProcessClocks,
    /** Gets each number. */
    private readonly note: (sessions: number) => void,
  ) {}

  get result(): Count {
    return this.last;
  }

  /** Counts if it is time to. Never rejects. */
  async tick(): Promise<void> {
    const began = this.clocks.steady();
    if (this.isBusy || began < this.next || this.last.kind === 'impossible') return;
    this.isBusy = true;
    try {
      const value = await this.count();
      this.last = { kind: 'known', value, at: this.clocks.wall() };
      this.note(value);
    } catch (error) {
      this.last = { kind: isUnsupported(error) ? 'impossible' : 'failed' };
    }
    const now = this.clocks.steady();
    this.next = now + Math.max(PAUSE, FACTOR * (now - began)) - 1000; // a timer may come a little early
    this.isBusy = false;
  }
}

export const isUnsupported = (error: unknown): boolean =>
  error instanceof SessionStateError && error.code === 'ERR_SESSION_UNSUPPORTED';
