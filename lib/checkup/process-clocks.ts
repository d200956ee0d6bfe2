/** The clocks of a process, in milliseconds. */
export interface ProcessClocks {
  /** A clock that nobody sets. */
  readonly steady: () => number;
  /** The clock that people see, since 1970. */
  readonly wall: () => number;
}

export const CLOCKS: ProcessClocks = { steady: () => performance.now(), wall: () => Date.now() };
