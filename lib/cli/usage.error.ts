/** What was asked of the tool cannot be done as it was asked; the message says how to ask. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
