import type { Command, CommanderError } from 'commander';
import { UsageError } from './usage.error.js';

/** Returns the error for a line that commander has refused, in our words: what was seen, what was meant, and which help says more. A
 *  request for help is no fault and is returned as it is. What stands behind `=`, and a long word, are not repeated, since they may be
 *  secrets. */
export function usageErrorOf(error: CommanderError, command: Command): Error {
  if (!/^commander\.(?!help|version)/.test(error.code)) return error;
  const said = error.message
    .replace(/^error: /, '')
    .replace(/('--?[\w-]+)=[^]*?'/, "$1'")
    .replace(hasOddQuotes(error.message) ? /'[^]*'/g : /'[^']*'/g, (word) =>
      word.length < 27 ? word : "'…'",
    )
    .replace(/\s*\(Did you mean (?:one of )?([^)?]+)\?\)/, '; is "$1" meant?');
  return new UsageError(
    `${said.replace(/\.$/, '')}${said.endsWith('?') ? '' : ';'} "${pathOf(command)} --help" says more`,
  );
}

/** A word that is repeated has a quote of its own, so that nobody knows where it ends. */
const hasOddQuotes = (text: string): boolean => text.split("'").length % 2 === 0;

/** The whole name of a command, as it is called. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
