import { Option, type Command } from 'commander';
import { PARTITIONS } from '../stores/sql/partitions.js';
import { SESSION_TABLE, sessionTable } from '../stores/sql/session-table.js';
import { createSql, dropSql } from '../stores/sql/table-spec.js';
import { TABLES } from '../stores/sql/tables.js';
import type { CommandIo } from './command-io.interface.js';
import { EXIT } from './exit-codes.js';
import { exits } from './exits.js';
import { withExample } from './help.js';
import { jsonOf } from './printable.js';
import { UsageError } from './usage.error.js';
import { wholeNumberOf } from './whole-number.js';

interface SchemaFlags {
  readonly of: string;
  readonly table?: string;
  readonly schema?: string;
  readonly prefix?: string;
  readonly partitions?: string;
  readonly down?: boolean;
  readonly json?: boolean;
}

/** `session-crypto schema`: the SQL of a table, each statement with a semicolon and on a line of its own. */
export const addSchemaCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    program
      .command('schema')
      .description('print the SQL that creates a table of this package')
      .addOption(new Option('--of <table>', 'which table').choices(Object.keys(TABLES)).default('sessions'))
      .option('--table <name>', 'its name')
      .option('--schema <name>', 'its schema')
      .option('--prefix <name>', 'the entityPrefix of the DataSource')
      .option('--partitions <n>', 'divide the table of sessions into so many partitions')
      .option('--down', 'print the SQL that drops the table')
      .option('--json', 'print the statements as JSON'),
    'session-crypto schema | psql shop',
    'session-crypto schema --of keys',
  ).action(exits((flags: SchemaFlags) => schema(flags, io)));

function schema(
  { table, schema: name, prefix, partitions, down, of, json }: SchemaFlags,
  io: CommandIo,
): number {
  const spec = TABLES[of]!;
  if (partitions !== undefined && spec !== SESSION_TABLE)
    throw new UsageError(`--partitions divides the table of sessions only, and --of is ${of}`);
  const divided =
    partitions === undefined
      ? spec
      : sessionTable({ partitions: wholeNumberOf('--partitions', partitions, PARTITIONS) });
  const naming = { options: prefix ? { entityPrefix: prefix } : {} };
  const statements = (down ? dropSql : createSql)(divided, { table, schema: name }, naming);
  io.out(json ? jsonOf({ statements }) : statements.map((sql) => `${sql};\n`).join(''));
  return EXIT.ok;
}
