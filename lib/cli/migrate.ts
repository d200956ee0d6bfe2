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
  const made: Report[] = [];
  try {
    for (const { of, maker } of tables) made.push({ of, ...(await maker.createTable(resolve)) });
    if (!tables.length) io.out(flags.json ? jsonOf({ tables: [] }) : nothingFor(kinds));
    return EXIT.ok;
  } finally {
    if (made.length) print(io, made, flags); // also before a failure: these tables are there now
    await close();
  }
}

function print(io: CommandIo, made: readonly Report[], { json }: MigrateFlags): void {
  io.out(json ? jsonOf({ tables: made }) : made.map(lineOf).join(''));
}

const nothingFor = (kinds: readonly string[]): string =>
  `nothing to do: sessions in "${printable(kinds.join(', '))}" need no table\n`;

const lineOf = ({ of, table, created }: Report): string =>
  `${printable(table)} (${of}): ${created ? 'created' : 'is there already'}\n`;
