import type { EndedSubject } from '../manager/revocable-series.interface.js';
import { isUnsupported } from './census.js';

/** What an action has done, in words and in numbers. */
export interface Done {
  readonly text?: string | undefined;
  /** The stored sessions that have ended; `undefined` where that was not asked for, or is not known. */
  readonly sessions?: number | undefined;
  /** His series of remember-me that have ended. */
  readonly series?: number | undefined;
  /** The code of the error, if a part of it failed or all. */
  readonly failed?: string | undefined;
}

type Half = PromiseSettledResult<number | undefined>;

/** Says what became of the end of a subject: both halves, also where one has failed. */
export const doneOf = ({ sessions, series }: EndedSubject): Done => ({
  text: [sessionsText(sessions), seriesText(series)].filter(Boolean).join(' '),
  sessions: valueOf(sessions),
  series: valueOf(series),
  failed: failureOf(series) ?? failureOf(sessions),
});

/** The code of an error, for the audit trail. */
export const codeOfFailure = (error: unknown): string =>
  String((error as { code?: unknown }).code ?? 'ERR_UNKNOWN');

const valueOf = (half: Half): number | undefined => (half.status === 'fulfilled' ? half.value : undefined);

const failureOf = (half: Half): string | undefined =>
  half.status === 'rejected' ? codeOfFailure(half.reason) : undefined;

function sessionsText(half: Half): string {
  if (half.status === 'fulfilled') return `All sessions have ended; ${half.value} of them were stored.`;
  return isUnsupported(half.reason)
    ? `${(half.reason as Error).message}.`
    : 'The store did not answer, so it is not certain whether the sessions have ended. Try again.';
}

function seriesText(half: Half): string | undefined {
  if (half.status === 'rejected')
    return 'The store of remember-me did not answer, so it is not certain whether its series have ended: a browser may log in again. Try again.';
  if (half.value === undefined) return undefined;
  return `${half.value} series of remember-me ended: no browser logs in by itself.`;
}
