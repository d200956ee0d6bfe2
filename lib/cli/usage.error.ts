import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';

/** The command line is wrong. The message says what is wrong and how to call the command. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(EXIT.usage, message);
  }
}
