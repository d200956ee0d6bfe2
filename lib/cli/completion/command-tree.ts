import type { Command } from 'commander';

/** A word that a shell can complete, and what it means. */
export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** An option of a command. */
export interface OptionWord extends Word {
  /** What its value may be: nothing if it takes none. */
  readonly value: 'none' | 'any' | 'file' | readonly string[];
}

/** A command with what may follow its name. */
export interface CommandNode {
  /** The names that lead to it, behind that of the program: empty for the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly OptionWord[];
}

/** Returns the program and all its commands. */
export function commandTree(program: Command): CommandNode[] {
  const nodesOf = (command: Command, path: readonly string[]): CommandNode[] => [
    nodeOf(command, path.join(' ')),
    ...command.commands.flatMap((one) => nodesOf(one, [...path, one.name()])),
  ];
  return nodesOf(program, []);
}

function nodeOf(command: Command, path: string): CommandNode {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return {
    path,
    words: [
      ...commands.map((one) => ({ word: one.name(), meaning: shortOf(one.description()) })),
      ...choices.map((word) => ({ word, meaning: '' })),
    ],
    options: help.visibleOptions(command).map(({ long, description, flags, argChoices }) => ({
      word: long!,
      meaning: shortOf(description),
      value: argChoices ?? kindOf(flags),
    })),
  };
}

/** Returns the kind of an option's value, which stands in angle brackets. */
function kindOf(flags: string): 'none' | 'any' | 'file' {
  const value = /<([^>]+)>/.exec(flags)?.[1];
  if (value === undefined) return 'none';
  return value.startsWith('file') ? 'file' : 'any';
}

/** A shell shows one line for a word. */
const shortOf = (text: string): string => text.replace(/[:;(].*$/s, '').trim();

/** Returns every pair of a command and the word that leads on from it, as `case` of a shell compares them. */
export const stepsOf = (nodes: readonly CommandNode[]): string[] =>
  nodes.filter(({ path }) => path).map(({ path }) => (path.includes(' ') ? path : ` ${path}`));

/** Returns the options that take a value from a list, with the path of their command. */
export const choicesOf = (
  nodes: readonly CommandNode[],
): { at: string; option: string; values: string[] }[] =>
  nodes.flatMap(({ path, options }) =>
    options.flatMap(({ word, value }) =>
      typeof value === 'string' ? [] : [{ at: path, option: word, values: [...value] }],
    ),
  );

/** Returns the patterns of `case` for all options that take a value of one kind, and mean the same behind every command. */
export const patternsOf = (nodes: readonly CommandNode[], kind: OptionWord['value']): string => {
  const options = nodes.flatMap((node) => node.options.filter(({ value }) => value === kind));
  return [...new Set(options.map(({ word }) => `*'|${word}'`))].join('|');
};
