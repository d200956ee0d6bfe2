/** Puts the actual time of the store, or of this process, through: tests override it to shift the clock. */
export type SessionClock = (actual: Date) => Date;
