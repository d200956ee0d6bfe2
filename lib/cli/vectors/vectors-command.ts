import type { Command } from 'commander';
import type { CommandIo } from '../command-io.interface.js';
import { exits } from '../exits.js';
import { EXIT } from '../exit-codes.js';
import { withExample } from '../help.js';
import { jsonOf } from '../printable.js';
import { makeVectors } from './make-vectors.js';

/** `session-crypto vectors`: known answers for a second implementation of the wire format. They are the same at every call. */
export function addVectorsCommand(program: Command, io: CommandIo): void {
  withExample(
    program
      .command('vectors')
      .description('print known answers for a second implementation of docs/wire-format.md, as JSON')
      .option('--json', 'print JSON, which is the only form'),
    'session-crypto vectors > vectors.json',
  ).action(
    exits(async () => {
      io.out(jsonOf(await makeVectors()));
      return EXIT.ok;
    }),
  );
}
