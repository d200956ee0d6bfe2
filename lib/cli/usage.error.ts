/** The command line is wrong. The message says what is wrong and how to call the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
