import { Argument, type Command } from 'commander';
import type { CommandIo } from '../command-io.interface.js';
import { withExample } from '../help.js';
import { bashScript } from './bash-script.js';
import { commandTree, type CommandNode } from './command-tree.js';
import { fishScript } from './fish-script.js';
import { zshScript } from './zsh-script.js';

const SHELLS: Readonly<Record<string, (nodes: readonly CommandNode[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `session-crypto completion`: a script that completes commands and options in a shell. */
export const addCompletionCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    program
      .command('completion')
      .description('print the script that completes commands and options in a shell')
      .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS))),
    'eval "$(session-crypto completion bash)"       # in ~/.bashrc',
    'eval "$(session-crypto completion zsh)"        # in ~/.zshrc, behind compinit',
    'session-crypto completion fish | source        # in ~/.config/fish/config.fish',
  ).action((shell: string) => io.out(SHELLS[shell]!(commandTree(program))));
