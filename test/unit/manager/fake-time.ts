import type { LineClock } from '../../../lib/manager/line-limit.js';

/** Time that a test moves. */
export class FakeTime implements LineClock {
  private time = 1_000_000;
  private timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  later(milliseconds: number, run: () => void): void {
    this.timers.push({ at: this.time + milliseconds, run });
  }

  pass(milliseconds: number): void {
    const until = this.time + milliseconds;
    for (;;) {
      const next = this.timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = next.at;
      next.run();
    }
    this.time = until;
  }
}
