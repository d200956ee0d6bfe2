/** What a command reads, writes and knows of the terminal. Tests pass their own. */
export interface CommandIo {
  /** The bytes of standard input. */
  readonly in: AsyncIterable<Uint8Array>;
  /** Writes a result. */
  out(text: string): void;
  /** Writes a message or a progress: what is no result. */
  err(text: string): void;
  /** Results go to a terminal, and NO_COLOR is not set. */
  readonly colors: boolean;
  /** Messages go to a terminal, so that a line may replace itself. */
  readonly interactive: boolean;
  /** Columns of the terminal; `undefined` if there is none. */
  readonly columns?: number | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends when the operator interrupts the command by SIGINT or SIGTERM. A command that never calls it dies of the signal. */
  interruption(): AbortSignal;
}
