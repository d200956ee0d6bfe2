/** A store's clock, as exactly as this process knows it. Each answer gives a lower and an upper bound of its lead, so
 *  an answer that was long on its way cannot make the clock worse. The process's own clock may be set at any time without
 *  an effect here. Times are milliseconds. */
export class StoreClock {
  /** Bounds of the store's time minus `performance.now()`. */
  private low = -Infinity;
  private high = Infinity;

  /** Learns from one answer: the store read `now` between `sent` and `received`, both of `performance.now()`. An answer
   *  that contradicts the earlier ones means that a clock was set, so it counts alone. */
  learn(now: number, sent: number, received: number): void {
    const low = now - received;
    const high = now + 1 - sent; // `now` is rounded to a millisecond
    const contradicts = low > this.high || high < this.low;
    this.low = contradicts ? low : Math.max(low, this.low);
    this.high = contradicts ? high : Math.min(high, this.high);
  }

  /** Returns the store's time at a moment of `performance.now()`, rather too early than too late. */
  at(moment: number): number {
    const lead = this.low === -Infinity ? performance.timeOrigin : this.low;
    return Math.floor(moment + lead);
  }

  now(): Date {
    return new Date(this.at(performance.now()));
  }
}
