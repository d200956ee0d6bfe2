/** The streams that a command writes to. Tests pass their own. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}
