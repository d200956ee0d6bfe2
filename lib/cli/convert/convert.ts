import { Option, type Command } from 'commander';
import { printable } from '../../errors/printable.js';
import { ConversionSource } from '../../manager/conversion-source.js';
import { Conversion } from '../../manager/conversion.js';
import { MAX_BATCH } from '../../manager/session-keys.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { exits } from '../exits.js';
import { withExample } from '../help.js';
import { withSessionFlags, withSessions, type SessionFlags } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import { progress } from '../progress.js';
import { quoted } from '../shell-word.js';
import { UsageError } from '../usage.error.js';
import { wholeNumberOf } from '../whole-number.js';
import { openSource } from './open-source.js';
import { reportLines, sumOf } from './print-report.js';
import { BEGIN, runConversion, type ConversionReport, type Place } from './run-conversion.js';
import { PACKAGES, type SessionSource, type SourceFlags } from './session-source.interface.js';

interface ConvertFlags extends SessionFlags, SourceFlags {
  readonly write?: boolean;
  readonly endMissing?: boolean;
  readonly after?: string;
  readonly batch: string;
  readonly json?: boolean;
}

/** Adds `convert`. */
export function addConvertCommands(program: Command, io: CommandIo): void {
  const command = withSessionFlags(program.command('convert'))
    .description(
      'stores the sessions of express-session here, so that their users stay logged in without the old store; without --write it only counts',
    )
    .addOption(
      new Option('--from <package>', 'the store that has them').choices(PACKAGES).makeOptionMandatory(),
    )
    .option(
      '--url-env <name>',
      'the environment variable with the address of the old store (default: DATABASE_URL or REDIS_URL)',
    )
    .option('--table <name>', 'the old table (default: session)')
    .option('--schema <name>', 'the schema of the old table (default: the search path of the user)')
    .option('--prefix <text>', 'the prefix of the old keys in Redis (default: sess:)')
    .option('--write', 'convert; the old store is only read in any case')
    .option(
      '--end-missing',
      'end the converted sessions that are not in the old store, even if they are most of them, or were converted from another database',
    )
    .option('--after <mark>', 'go on where an earlier run has stopped')
    .option('--batch <number>', 'sessions that are read in one step', '500')
    .option('--json', 'print the numbers as JSON')
    .action(exits((flags: ConvertFlags) => convert(flags, io)));
  withExample(
    command,
    'session-crypto convert --from connect-pg-simple --config session.options.mjs',
    'session-crypto convert --from connect-redis --url-env OLD_REDIS_URL --write',
  );
}

/** Converts sessions, or counts what would be converted. Resolves to the exit status. */
async function convert(flags: ConvertFlags, io: CommandIo): Promise<number> {
  const batch = wholeNumberOf('--batch', flags.batch, [1, MAX_BATCH]);
  const source = await openSource(flags, io.now);
  try {
    return await withSessions(
      flags,
      ({ manager }) =>
        run({ flags, io, source, conversion: Conversion.of(manager, identityOf(source)), batch }),
      flags.write,
    );
  } finally {
    await source.close();
  }
}

const identityOf = ({ name, database, serverRun }: SessionSource) =>
  new ConversionSource(name, database, serverRun);

interface Work {
  readonly flags: ConvertFlags;
  readonly io: CommandIo;
  readonly source: SessionSource;
  readonly conversion: Conversion;
  readonly batch: number;
}

/** How far a run is, and what it has done; no report before its first batch. */
interface Reached {
  readonly place: Place;
  readonly report?: ConversionReport;
}

async function run(work: Work): Promise<number> {
  const { flags, io, source, conversion, batch } = work;
  const { write = false, endMissing = false, after } = flags;
  const signal = io.interruption();
  let reached: Reached = { place: after === undefined ? BEGIN : await placeOf(after, conversion) };
  const bar = progress(io, 'sessions', await source.count().catch(() => undefined)); // a bar is no need
  const onBatch = (report: ConversionReport, place: Place) => {
    reached = { place, report };
    bar.at(report.read);
  };
  try {
    const done = await runConversion(source, conversion, {
      write,
      endMissing,
      batch,
      from: reached.place,
      signal,
      onBatch,
    });
    bar.end();
    show(work, done.report);
    if (done.finished) return sumOf(done.report) ? EXIT.findings : EXIT.ok;
    io.err(`stopped between two batches; go on with: ${await again(work, reached.place)}\n`);
    return EXIT.temporary;
  } catch (error) {
    bar.end();
    const { place, report } = reached;
    if (report) show(work, report);
    if (place.at !== undefined) io.err(`go on with: ${await again(work, place)}\n`);
    throw error;
  }
}

function show({ flags, io, source, conversion }: Work, report: ConversionReport): void {
  const { name } = source;
  const { target } = conversion;
  if (flags.json) return io.out(jsonOf({ source: name, target, ...report }));
  const dry = report.write ? '' : ' (only counted: --write converts)';
  io.out(printable(`${name} to ${target}${dry}`) + '\n' + reportLines(report));
}

/** Reads a mark. Throws a UsageError for what is none. */
async function placeOf(after: string, conversion: Conversion): Promise<Place> {
  const text = await conversion.marks.open(after);
  if (text === undefined)
    throw new UsageError(
      '--after is no mark of these sessions, or the server was started again since; copy it from the line that the earlier run has printed, or begin without it',
    );
  return { step: text.startsWith('r') ? 'read' : 'ended', at: text.slice(1) || undefined };
}

/** Flags that a later run needs again. */
const REPEATED = ['from', 'urlEnv', 'table', 'schema', 'prefix', 'config', 'module', 'session'] as const;

/** Returns the command that goes on. */
async function again({ flags, conversion, batch }: Work, { step, at = '' }: Place): Promise<string> {
  const repeated = REPEATED.flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [name === 'urlEnv' ? '--url-env' : `--${name}`, wordOf(value)];
  });
  const mark = await conversion.marks.seal(`${step[0]!}${at}`);
  const more = [
    ...(flags.write ? ['--write'] : []),
    ...(flags.endMissing ? ['--end-missing'] : []),
    '--batch',
    `${batch}`,
    '--after',
    mark,
  ];
  return ['session-crypto convert', ...repeated, ...more].join(' ');
}

/** Returns a word for a shell, in quotes where it needs them. */
const wordOf = (text: string): string => (/^[\w./:#@-]+$/.test(text) ? text : quoted(text));
