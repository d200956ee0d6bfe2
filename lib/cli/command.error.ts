/** A command ends with a status. The message is one sentence that says what was seen and what to do; it is empty if the command
 *  has said all already. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';

  constructor(
    /** See `EXIT`. */
    readonly status: number,
    message = '',
  ) {
    super(message);
  }
}
