import type { Command } from 'commander';
import { cpus } from 'node:os';
import { emptyRecord, type SessionRecord } from '../../record/session-record.js';
import type { CommandIo } from '../command-io.interface.js';
import { CommandError } from '../command.error.js';
import { exits } from '../exits.js';
import { EXIT } from '../exit-codes.js';
import { withExample } from '../help.js';
import { withSessionFlags, withSessions, type SessionFlags } from '../open-sessions.js';
import { printTable } from '../print-table.js';
import { jsonOf } from '../printable.js';
import { wholeNumberOf } from '../whole-number.js';
import { benchDrivers, benchPassphrase, type BenchRow } from './bench-crypto.js';
import { benchStore } from './bench-store.js';

interface BenchFlags extends SessionFlags {
  readonly json?: boolean;
  readonly size: string;
  readonly seconds: string;
}

const HEAD = ['what', 'by', 'operation', 'median', 'p99', 'per second'];
/** Seconds that all takes at most. */
const LONGEST = 10;
/** Bytes of the values. */
const LARGEST = 100_000;

/** `session-crypto bench`: what a session costs on this machine. */
export function addBenchCommand(program: Command, io: CommandIo): void {
  withExample(
    withSessionFlags(
      program
        .command('bench')
        .description(
          'measure what a session costs on this machine: each driver and cipher, and with options their store, by one session that ends afterwards',
        ),
    )
      .option('--size <bytes>', 'bytes of the values in the session', '300')
      .option('--seconds <n>', `seconds that it takes, 1 to ${LONGEST}`, `${LONGEST}`)
      .option('--json', 'print JSON'),
    'session-crypto bench',
    'session-crypto bench --config session.options.mjs --seconds 5',
  ).action(exits((flags: BenchFlags) => bench(io, flags)));
}

async function bench(io: CommandIo, flags: BenchFlags): Promise<number> {
  const size = wholeNumberOf('--size', flags.size, [0, LARGEST]);
  const milliseconds = wholeNumberOf('--seconds', flags.seconds, [1, LONGEST]) * 1000;
  const hasStore = flags.config !== undefined || flags.module !== undefined;
  const record = recordOf(size, Math.floor(io.now() / 1000));
  const rows = await benchDrivers(record, milliseconds * 0.6);
  const signal = hasStore ? io.interruption() : undefined; // so that its session ends in any case
  if (hasStore)
    rows.push(
      ...(await withSessions(flags, ({ manager }) => benchStore(manager, record, milliseconds * 0.2), true)),
    );
  if (signal?.aborted) throw new CommandError(EXIT.temporary, 'interrupted');
  rows.push(await benchPassphrase());
  print(io, rows, size, flags.json === true);
  return EXIT.ok;
}

function print(io: CommandIo, rows: readonly BenchRow[], size: number, json: boolean): void {
  const machine = `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${cpus()[0]?.model ?? process.arch}`;
  if (json) return io.out(jsonOf({ machine, sessionBytes: size, unit: 'microseconds', rows }));
  io.out(`${machine}; a session with ${size} bytes of values; microseconds\n`);
  printTable(io, HEAD, rows.filter(({ skipped }) => !skipped).map(cellsOf));
  for (const { of, by, skipped } of rows)
    if (skipped) io.out(`${[of, by].filter(Boolean).join(' ')} was not measured: ${skipped}\n`);
}

const cellsOf = ({ of, by, operation, median, p99, perSecond }: BenchRow): string[] => [
  of,
  by,
  operation,
  `${median}`,
  `${p99}`,
  perSecond === undefined ? '' : `${perSecond}`,
];

/** A session of nobody, so that no limit of sessions concerns it. */
const recordOf = (size: number, now: number): SessionRecord => ({
  ...emptyRecord(now, 600, 600),
  data: { bench: 'x'.repeat(size) },
});
