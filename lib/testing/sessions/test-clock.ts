import type { SessionClock } from '../../record/session-clock.js';

/** A clock of sessions that a test sets ahead. Put {@link read} in the place of the clock of an application:
 *
 *      Test.createTestingModule({ imports: [AppModule] }).overrideProvider(getSessionClockToken()).useValue(clock.read)
 *
 *  Timers, and what a database compares with its own time, stay on the actual time. */
export class TestClock {
  private ahead = 0;

  /** Returns the actual time, shifted. */
  readonly read: SessionClock = (actual) => new Date(actual.getTime() + 1000 * this.ahead);

  /** Sets the clock ahead by some seconds. */
  advance(seconds: number): void {
    this.ahead += seconds;
  }
}
