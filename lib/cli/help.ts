import type { Command } from 'commander';

/** Adds examples to the help of a command. */
export const withExample = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  ${line}\n`).join('')}`.trimEnd(),
  );

/** Returns the group of commands with this name. Several files may add their commands to one group. */
export const groupOf = (program: Command, name: string, description: string): Command =>
  program.commands.find((one) => one.name() === name) ??
  program.command(name).description(description).helpCommand(false);
