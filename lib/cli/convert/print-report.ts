import type { ConversionReport } from './run-conversion.js';

type Line = readonly [done: string, planned: string, why: string];

/** One line for each number, in this order: what was done, what would be done, and why. */
const LINES: Readonly<Record<Exclude<keyof ConversionReport, 'write' | 'read' | 'unreadable'>, Line>> = {
  converted: ['converted', 'would convert', ''],
  changed: ['converted again', 'would convert again', 'changed there since'],
  otherUser: ['other user', 'other user', 'converted again: the session is another user’s there now'],
  ended: ['ended', 'would end', 'ended there since they were converted'],
  present: ['already there', 'already there', 'nothing has changed'],
  migrated: ['taken over', 'taken over', 'used or ended here already; left alone'],
  expired: ['expired', 'expired', 'ended there by its time'],
  empty: ['empty', 'empty', 'holds nothing'],
};

/** Returns the numbers of a run as lines. */
export function reportLines(report: ConversionReport): string {
  const lines = Object.entries(LINES).map(([name, [done, planned, why]]) =>
    lineOf(report.write ? done : planned, report[name as keyof typeof LINES], why),
  );
  const unreadable = Object.entries(report.unreadable);
  const reasons = unreadable.map(([reason, count]) => `${reason}: ${count}`).join(', ');
  return [...lines, lineOf('unreadable', sumOf(report), reasons)].join('');
}

/** The number of sessions that cannot be read. */
export const sumOf = ({ unreadable }: ConversionReport): number =>
  Object.values(unreadable).reduce((sum, count) => sum + count, 0);

const lineOf = (name: string, count: number, why: string): string =>
  `${name.padEnd(20)}${String(count).padStart(9)}  ${why}`.trimEnd() + '\n';
