import type { Command } from 'commander';
import { printable } from '../errors/printable.js';
import type { MadeTable } from '../stores/sql/create-table.js';
import type { CommandIo } from './command-io.interface.js';
import { EXIT } from './exit-codes.js';
import { exits } from './exits.js';
import { withExample } from './help.js';
import { withSessionFlags, type SessionFlags } from './open-sessions.js';
import { prepareSessions, type NeededTable } from './prepare-sessions.js';
import { jsonOf } from './printable.js';

interface MigrateFlags extends SessionFlags {
  readonly json?: boolean;
}

/** `session-crypto migrate`: creates the tables that the options need, in the database that they lead to. */
export const addMigrateCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    withSessionFlags(
      program
        .command('migrate')
        .description(
          'create the tables that the options need, in their database; a table that is there stays as it is, and a table of another program is refused',
        ),
    ).option('--json', 'print JSON'),
    'session-crypto migrate --config session.options.mjs',
  ).action(exits((flags: MigrateFlags) => migrate(io, flags)));

/** What was made for one store. */
type Report = MadeTable & Pick<NeededTable, 'of'>;

async function migrate(io: CommandIo, flags: MigrateFlags): Promise<number> {
  const { tables, resolve, kinds, close } = await prepareSessions(flags);
  const reports: Report[] = [];
  try {
    for (const { of, maker } of tables) reports.push({ of, ...(await maker.createTable(resolve)) });
  } finally {
    await close();
    if (!flags.json) for (const one of reports) io.out(lineOf(one));
  }
  if (flags.json) io.out(jsonOf({ tables: reports }));
  else if (!tables.length)
    io.out(`nothing to do: sessions in "${printable(kinds.join(', '))}" need no table\n`);
  return EXIT.ok;
}

const lineOf = ({ of, table, created }: Report): string =>
  `${printable(table)} (${of}): ${created ? 'created' : 'is there already'}\n`;
