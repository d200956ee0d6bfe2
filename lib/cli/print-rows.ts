import { printable } from '../errors/printable.js';
import type { AuditRow, AuditVerdict } from '../options/audit/audit.interface.js';

const VERDICTS: readonly AuditVerdict[] = ['broken', 'weak', 'choose', 'ok'];
/** The verdicts as the last line names them. */
const LABELS: Readonly<Record<AuditVerdict, string>> = {
  broken: 'broken',
  weak: 'weak',
  choose: 'for you to choose',
  ok: 'ok',
};
const INDENT = ' '.repeat(8);

/** Returns the number of rows with each verdict. */
export function countVerdicts(rows: readonly AuditRow[]): Record<AuditVerdict, number> {
  const counts = { broken: 0, weak: 0, choose: 0, ok: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}

/** Returns all rows as text, the worst first, with a count at the end. A row that is broken or weak has four lines, one
 *  to choose has two with its remedy, and one that is ok has one. */
export function printRows(rows: readonly AuditRow[]): string {
  const counts = countVerdicts(rows);
  const summary = VERDICTS.map((verdict) => `${counts[verdict]} ${LABELS[verdict]}`).join(', ');
  const lines = VERDICTS.flatMap((verdict) => rows.filter((row) => row.verdict === verdict)).flatMap(linesOf);
  return [...lines, '', summary, ''].map(printable).join('\n');
}

/** The verdict takes eight columns, so that the settings are aligned. */
function linesOf({ verdict, setting, value, recommended, why, remedy, source }: AuditRow): string[] {
  const head = `${verdict.padEnd(INDENT.length)}${setting}${value && `: ${value}`}`;
  if (verdict === 'ok') return [head];
  const fix = remedy && `${INDENT}fix: ${remedy}`;
  if (verdict === 'choose') return [head, fix || (why && `${INDENT}${why}`)].filter(Boolean);
  const advice = recommended && `${INDENT}recommended: ${recommended}`;
  return [head, advice, `${INDENT}why: ${why} (${source})`, fix].filter(Boolean);
}
