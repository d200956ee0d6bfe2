import type { EndedSubject } from '../../manager/revocable-series.interface.js';
import type { CommandIo } from '../command-io.interface.js';
import { jsonOf } from '../printable.js';

/** What a command says of the end of a subject. */
export interface EndReport {
  readonly ended: EndedSubject;
  /** Sessions in cookies have ended too, whose number nobody knows. */
  readonly inCookies: boolean;
  /** The application was started, so that its remember-me is known. */
  readonly knowsSeries: boolean;
}

/** A half that has failed. */
interface FailedHalf {
  readonly half: 'series' | 'sessions';
  readonly reason: unknown;
}

/** Returns the halves that have failed, in the order in which they were tried. */
export const failedOf = (ended: EndedSubject): FailedHalf[] =>
  (['series', 'sessions'] as const).flatMap((half) => {
    const result = ended[half];
    return result.status === 'rejected' ? [{ half, reason: result.reason as unknown }] : [];
  });

/** Prints how many sessions and series have ended, and which half has failed. */
export function reportEnd(io: CommandIo, report: EndReport, flags: ReportFlags): void {
  const { ended, inCookies } = report;
  const [sessions, series] = [numberOf(ended.sessions), numberOf(ended.series)];
  const failed = failedOf(ended).map(({ half }) => half);
  if (flags.json) io.out(jsonOf({ ended: sessions, series, inCookies, failed }));
  else io.out(countsOf(sessions, series));
  for (const note of notesOf(report, series, flags)) io.err(`session-crypto: ${note}\n`);
  for (const half of failed) io.err(`session-crypto: ${NOT_DONE[half]}\n`);
}

interface ReportFlags {
  readonly json?: boolean;
  readonly except?: string;
}

/** `null` for no number: of a half that failed, or of series where there are none. */
const numberOf = (half: PromiseSettledResult<number | undefined>): number | null =>
  half.status === 'fulfilled' ? (half.value ?? null) : null;

function countsOf(sessions: number | null, series: number | null): string {
  const counts = [
    ...(sessions === null ? [] : [`${sessions} sessions`]),
    ...(series === null ? [] : [`${series} series of remember-me`]),
  ];
  return counts.length ? `${counts.join(' and ')} ended\n` : '';
}

function* notesOf({ inCookies, knowsSeries }: EndReport, series: number | null, { except }: ReportFlags) {
  if (inCookies) yield 'those in cookies end too, and nobody knows their number';
  if (series && except !== undefined)
    yield 'the session that stays has no series any more: when it ends, its browser does not log in by itself';
  if (!knowsSeries)
    yield 'a file of options says nothing of remember-me; if the application has it, use --module, which ends its series too';
}

const NOT_DONE = {
  series:
    'it is not certain that the series of remember-me have ended: browsers may log in again; repeat the command',
  sessions: 'it is not certain that the sessions have ended; repeat the command',
};
