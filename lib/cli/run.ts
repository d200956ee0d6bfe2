import { Command, CommanderError } from 'commander';
import { createRequire } from 'node:module';
import type { CommandIo } from './command-io.interface.js';
import { addCompletionCommands } from './completion/completion.js';
import { addCookieCommands } from './cookie/cookie-commands.js';
import { addBenchCommand } from './costs/bench-command.js';
import { addConvertCommands } from './convert/convert.js';
import { addDoctorCommands } from './doctor.js';
import { addDriversCommands } from './drivers.js';
import { EXIT } from './exit-codes.js';
import { failureOf } from './failure.js';
import { addKeysCheckCommand } from './keys-check/keys-check.js';
import { addKeysCommands } from './keys/keys.js';
import { addMigrateCommands } from './migrate.js';
import { printableLines } from './printable.js';
import { addSchemaCommands } from './schema.js';
import { addSecretCommands } from './secret.js';
import { withIdLast } from './sessions/session-id.js';
import { addSessionsCommands } from './sessions/sessions.js';
import { addVectorsCommand } from './vectors/vectors-command.js';
import { usageErrorOf } from './usage-error-of.js';

/** Every group of commands, in the order of the help. */
const GROUPS: readonly ((program: Command, io: CommandIo) => unknown)[] = [
  addSessionsCommands,
  addCookieCommands,
  addKeysCommands,
  addKeysCheckCommand,
  addConvertCommands,
  addDoctorCommands,
  addDriversCommands,
  addBenchCommand,
  addVectorsCommand,
  addSecretCommands,
  addSchemaCommands,
  addMigrateCommands,
  addCompletionCommands,
];

/** Runs one command and resolves to its exit status, which `EXIT` lists. Never rejects; it writes the message of an error to
 *  `io.err`. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    await programOf(io).parseAsync(args.length ? withIdLast(args) : ['--help'], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    const { status, message } = failureOf(error);
    if (message) io.err(`session-crypto: ${printableLines(message)}\n`);
    return status;
  }
}

/** Returns the program with all commands. */
export function programOf(io: CommandIo): Command {
  const program = new Command('session-crypto')
    .description('Tools for nestjs-session-crypto')
    .version(versionOf(), '--version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand('help [command]', 'explain a command')
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: () => undefined, // the error is thrown, and `run` prints it
      getOutHelpWidth: () => io.columns ?? 100,
      getErrHelpWidth: () => io.columns ?? 100,
      getOutHasColors: () => io.colors,
      getErrHasColors: () => io.colors,
    })
    .configureHelp({ styleTitle: (title) => (io.colors ? `\u001b[1m${title}\u001b[22m` : title) })
    .exitOverride()
    .addHelpText('after', AFTER);
  for (const add of GROUPS) add(program, io);
  explainFaults(program);
  return program;
}

const AFTER = `
Exit status: 0 done; 1 nothing was found, or something that is wrong; 64 the command line is wrong; 65 what was
read is wrong; 66 a file is missing; 69 the store does not answer; 70 the command failed; 73 something cannot be
created; 74 reading or writing failed; 75 it may work later; 77 no permission; 78 the options are wrong.`;

/** Lets every command say which of them was called wrongly. */
function explainFaults(command: Command): void {
  command.exitOverride((error: CommanderError) => {
    throw usageErrorOf(error, command);
  });
  for (const one of command.commands) explainFaults(one);
}

/** The package can be asked for itself, where it is installed and where it is built. */
function versionOf(): string {
  const require = createRequire(import.meta.url);
  return (require('nestjs-session-crypto/package.json') as { version: string }).version;
}
