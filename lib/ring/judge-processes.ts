import { hintText } from '../crypto/key-hint.js';
import type { KeyFacts, LoadedKeys } from '../stores/key-row-store.interface.js';
import type { ReportedProcess, RingProcess } from './ring-process.interface.js';
import { later } from './ring-plan.js';

/** Seconds after which a process that has not reported is silent. Each reports at least once a minute. */
export const SILENT_AFTER = 180;

/** Seconds within which two processes may have read different rows, though one reports after the other's reading. */
const MARGIN = 2;

/** What the process that asks has read itself. Times are the store's. */
export interface OwnReading {
  readonly id: number;
  /** The hints of its ring, the sealing key first. */
  readonly hints: readonly number[];
  readonly rows: readonly KeyFacts[];
  /** When it has read the rows. */
  readonly readAt: Date;
  /** When they have changed last, as far as it knows. */
  readonly changedAt: Date;
  /** The present time. */
  readonly now: Date;
}

/** Judges what the processes of a ring have reported. A process that has read the rows after their last change should have our
 *  ring. One that reports later than our own reading may know more than we do, and is judged at our next one. */
export function judgeProcesses(reported: readonly ReportedProcess[], own: OwnReading): RingProcess[] {
  return reported.map((process) => judge(process, own));
}

function judge({ id, startedAt, reportedAt, report }: ReportedProcess, own: OwnReading): RingProcess {
  const isOwn = id === own.id;
  const facts = { id, isOwn, startedAt, reportedAt };
  const isSilent = !isOwn && later(reportedAt, SILENT_AFTER) < own.now;
  if (!report) {
    const state = isSilent ? 'silent' : 'unreadable';
    return { ...facts, label: '', seals: '', lacks: [], keeps: [], state, fault: undefined };
  }
  const { label, hints, fault } = report;
  const isComparable = !isOwn && later(own.changedAt, MARGIN) <= reportedAt && reportedAt <= own.readAt;
  const [lacks, keeps] = isComparable ? [lackedBy(hints, own), revokedIn(hints, own)] : [[], []];
  const isOther = isComparable && (lacks.length > 0 || keeps.length > 0 || hints[0] !== own.hints[0]);
  const stateNow = fault ? 'failing' : isOther ? 'behind' : 'agrees';
  return {
    ...facts,
    label,
    seals: hints.length ? hintText(hints[0]!) : '',
    lacks: lacks.map(hintText),
    keeps: keeps.map(hintText),
    state: isSilent ? 'silent' : stateNow,
    fault: fault || undefined,
  };
}

const lackedBy = (hints: readonly number[], own: OwnReading): number[] =>
  own.hints.filter((hint) => !hints.includes(hint));

const revokedIn = (hints: readonly number[], { rows }: OwnReading): number[] =>
  hints.filter((hint) => rows.some((row) => row.hint === hint && row.state === 'revoked'));

/** Returns the last moment at which somebody has changed rows in a way that changes the ring, as far as the rows say it. */
export function lastChangeOf({ rows, now }: LoadedKeys): Date {
  const moments = rows.flatMap(({ createdAt, sealsAt, retiresAt }) => [createdAt, sealsAt, retiresAt]);
  const past = moments.flatMap((moment) => (moment && moment <= now ? [moment.getTime()] : []));
  return new Date(Math.max(0, ...past));
}
