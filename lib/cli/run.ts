import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SESSION_TABLE, sessionTable } from '../stores/sql/session-table.js';
import { createSql, dropSql } from '../stores/sql/table-spec.js';
import { TABLES } from '../stores/sql/tables.js';
import { DOCTOR_USAGE, doctor } from './doctor.js';
import { DRIVERS_USAGE, drivers } from './drivers.js';
import { keys, KEYS_USAGE } from './keys.js';
import type { Output } from './output.interface.js';
import { prune, PRUNE_USAGE } from './prune.js';
import { UsageError } from './usage.error.js';

const USAGE = `session-crypto: tools for nestjs-session-crypto

  session-crypto secret                      prints a new secret: 32 random bytes as "raw:…"
  session-crypto schema [--of ${Object.keys(TABLES).join('|')}] [--table NAME] [--schema NAME] [--prefix NAME]
                      [--partitions N] [--down]
                                             prints the SQL that creates the session table,
                                             or the table that --of names,
                                             or with --down the SQL that drops it;
                                             --prefix is the entityPrefix of the DataSource
${DRIVERS_USAGE}${PRUNE_USAGE}${KEYS_USAGE}${DOCTOR_USAGE}`;

/** Runs with the arguments after the command's name, and returns the exit status. */
type Command = (args: string[], output: Output) => number | Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  secret,
  schema,
  drivers,
  prune,
  keys,
  doctor,
};

/** Runs one command and resolves to its exit status: 2 if the command line is wrong. Never rejects; it writes the message
 *  of an error to `output.err`. */
export async function run([name = '--help', ...args]: readonly string[], output: Output): Promise<number> {
  if (name === '--help' || args.includes('--help')) return print(USAGE, output);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const known = Object.keys(COMMANDS).join(', ');
  try {
    if (command) return await command(args, output);
    output.err(`session-crypto: "${name}" is no command; there are ${known}; --help explains them\n`);
  } catch (error) {
    output.err(`session-crypto: ${(error as Error).message}\n`);
  }
  return 2;
}

/** Prints 32 random bytes as `raw:` and base64url. Refuses every argument. */
function secret(args: string[], output: Output): number {
  parseArgs({ args });
  return print(`raw:${randomBytes(32).toString('base64url')}\n`, output);
}

/** Prints SQL statements, each with a semicolon and on a line of its own. */
function schema(args: string[], output: Output): number {
  const options = {
    table: { type: 'string' },
    schema: { type: 'string' },
    prefix: { type: 'string' },
    down: { type: 'boolean' },
    partitions: { type: 'string' },
    of: { type: 'string', default: 'sessions' },
  } as const;
  const { table, schema, prefix, partitions, down, of } = parseArgs({ args, options }).values;
  const spec = Object.hasOwn(TABLES, of) ? TABLES[of] : undefined;
  if (!spec)
    throw new UsageError(`"${of}" is no table of this package; there are ${Object.keys(TABLES).join(', ')}`);
  if (partitions !== undefined && spec !== SESSION_TABLE)
    throw new UsageError(`--partitions divides the table of sessions only, and --of is ${of}`);
  const divided = partitions === undefined ? spec : sessionTable({ partitions: Number(partitions) });
  const naming = { options: prefix ? { entityPrefix: prefix } : {} };
  const statements = (down ? dropSql : createSql)(divided, { table, schema }, naming);
  return print(statements.map((sql) => `${sql};\n`).join(''), output);
}

function print(text: string, output: Output): number {
  output.out(text);
  return 0;
}
