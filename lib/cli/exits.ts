import { CommandError } from './command.error.js';

/** Returns an action for commander: it ends the program with the status that `work` resolves to. */
export const exits =
  <A extends unknown[]>(work: (...args: A) => number | Promise<number>) =>
  async (...args: A): Promise<void> => {
    const status = await work(...args);
    if (status) throw new CommandError(status);
  };
