/** Maps the actual time of the store, or of this process, to the time that counts. Tests override it to shift the
 *  clock. */
export type SessionClock = (actual: Date) => Date;
