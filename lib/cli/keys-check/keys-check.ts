import type { Command } from 'commander';
import type { SessionManager } from '../../manager/session-manager.js';
import { resolveAudited } from '../../options/audit/audit-options.js';
import { fingerprintOf } from '../../options/audit/fingerprint.js';
import type { ResolvedOptions } from '../../options/resolved-options.interface.js';
import type { CommandIo } from '../command-io.interface.js';
import { exits } from '../exits.js';
import { EXIT } from '../exit-codes.js';
import { groupOf, withExample } from '../help.js';
import { loadConfig } from '../load-config.js';
import { withSessionFlags, type SessionFlags } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import { progress } from '../progress.js';
import { UsageError } from '../usage.error.js';
import { withKeys, type OpenedKeys } from '../cookie/open-keys.js';
import { secondOf } from '../times.js';
import { totalOf } from '../total-of.js';
import { checkSources } from './check-sources.js';
import { compareRings, readOther } from './compare-rings.js';
import { canCount, rowsByKey, type RowsOfKey } from './count-rows.js';
import type { KeysReport, RingReport, SourceReport } from './keys-report.interface.js';
import { printReport } from './print-keys-report.js';
import { ringReports } from './ring-reports.js';
import { storedSessions, whenKeysGo } from './when-keys-go.js';

interface CheckFlags extends SessionFlags {
  readonly json?: boolean;
  readonly rows: boolean;
  readonly with?: string;
  readonly rotated?: string;
}

/** `session-crypto keys check`: whether the keys load, agree with another server's, and which sessions need them. */
export function addKeysCheckCommand(program: Command, io: CommandIo): void {
  const keys = groupOf(program, 'keys', 'show and change the keys of a managed ring');
  withExample(
    withSessionFlags(
      keys
        .command('check')
        .description('check that all sources of keys load, which key seals, and when an old key can go'),
    )
      .option(
        '--with <file>',
        'compare with the options of another server, or with the JSON of this command there',
      )
      .option('--rotated <time>', 'when the first key began to seal, such as 2026-11-29T10:00Z')
      .option('--no-rows', 'do not count stored sessions by key')
      .option('--json', 'print JSON'),
    'session-crypto keys check --config session.options.mjs',
    'session-crypto keys check --with other-server.json --rotated 2026-11-29T10:00Z',
  ).action(exits((flags: CheckFlags) => check(io, flags)));
}

async function check(io: CommandIo, flags: CheckFlags): Promise<number> {
  const rotated = momentFrom(flags.rotated);
  const failing = await failingSources(flags);
  if (failing.length) return print(io, flags, failedReport(flags, failing), EXIT.config);
  const report = await withKeys(flags, (opened) => reportOf(io, opened, flags, rotated));
  return print(io, flags, report, report.findings.length ? EXIT.findings : EXIT.ok);
}

/** The sources of a file of options are read before anything starts, so that all that fail are named. */
async function failingSources({ config, module }: CheckFlags): Promise<SourceReport[]> {
  if (module !== undefined) return [];
  const sources = await checkSources(sourcesOf(resolveAudited(await loadConfig(config))));
  return sources.some(({ fault }) => fault !== undefined) ? sources : [];
}

const sourcesOf = ({ crypto, contexts }: ResolvedOptions) => [
  ...new Set([...crypto.sources, ...contexts.flatMap(({ options }) => options.crypto.sources)]),
];

const failedReport = ({ session = 'default' }: CheckFlags, sources: readonly SourceReport[]): KeysReport => ({
  session,
  fingerprint: '',
  rings: [{ path: 'crypto', ring: '', managed: false, sources, keys: [] }],
  findings: sources.flatMap(({ path, fault }) => (fault === undefined ? [] : `${path}: ${fault}`)),
  notes: [],
});

async function reportOf(
  io: CommandIo,
  { manager, storeDown }: OpenedKeys,
  flags: CheckFlags,
  rotated: Date | undefined,
): Promise<KeysReport> {
  const { options } = manager.base;
  const counts = flags.rows && !storeDown && canCount(manager) ? await countRows(io, manager) : undefined;
  const rings: RingReport[] = [];
  for (const ring of ringReports(manager)) rings.push(await completed(ring, options, counts));
  const own = { session: manager.name, fingerprint: fingerprintOf(options), rings };
  const compared = flags.with === undefined ? undefined : compareRings(own, await readOther(flags.with));
  const now = manager.base.store.now();
  return {
    ...own,
    findings: [...orphans(rings, counts), ...(compared?.findings ?? [])],
    notes: [
      ...(storeDown ? [`the store does not answer (${storeDown}), so stored sessions were not counted`] : []),
      ...(compared?.notes ?? []),
      ...rings.flatMap((ring) => whenKeysGo(ring, options, now, rotated)),
      ...(rings.length ? [] : ['the keys of this format have no hints, so there is nothing to compare']),
    ],
  };
}

async function countRows(io: CommandIo, manager: SessionManager): Promise<Map<string, RowsOfKey>> {
  const shown = progress(io, 'sessions', await totalOf(manager));
  return rowsByKey(manager, (rows) => shown.at(rows)).finally(() => shown.end());
}

/** Adds the sources, and the numbers of rows. */
async function completed(
  ring: RingReport,
  options: ResolvedOptions,
  counts: ReadonlyMap<string, RowsOfKey> | undefined,
): Promise<RingReport> {
  const number = /^contexts\[(\d+)\]/.exec(ring.path)?.[1];
  const { crypto } = number === undefined ? options : options.contexts[Number(number)]!.options;
  const keys = ring.keys.map((key) => {
    const counted = counts?.get(key.hint);
    return counts ? { ...key, rows: counted?.rows ?? 0, lastEnd: counted?.lastEnd } : key;
  });
  return { ...ring, keys, sources: await checkSources(crypto.sources) };
}

/** Names the keys that were dropped too early. */
function orphans(rings: readonly RingReport[], counts: ReadonlyMap<string, RowsOfKey> = new Map()): string[] {
  const known = rings.flatMap(({ keys }) => keys.map(({ hint }) => hint));
  return [...counts].flatMap(([hint, { rows, lastEnd }]) =>
    known.includes(hint)
      ? []
      : `${storedSessions(rows)} sealed by the key ${hint}, which is in no ring, so their users are logged out; put its secret back at the end of crypto.secrets until ${secondOf(lastEnd)}`,
  );
}

function print(io: CommandIo, { json }: CheckFlags, report: KeysReport, status: number): number {
  if (json) io.out(jsonOf(report));
  else printReport(io, report);
  return status;
}

function momentFrom(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError('--rotated is no time; write such as 2026-11-29T10:00Z');
}
