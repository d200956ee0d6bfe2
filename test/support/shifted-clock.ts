import { getSessionClockToken } from 'nestjs-session-crypto';

/** A clock of sessions that a test sets ahead. */
export class ShiftedClock {
  /** Seconds that the clock is ahead. */
  ahead = 0;

  /** An entry of `AppPlan.replace`. */
  readonly replacement = [
    getSessionClockToken(),
    (actual: Date) => new Date(actual.getTime() + 1000 * this.ahead),
  ] as const;
}
