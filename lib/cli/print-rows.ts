import type { AuditRow, AuditVerdict } from '../options/audit/audit.interface.js';

const VERDICTS: readonly AuditVerdict[] = ['broken', 'weak', 'choose', 'ok'];
const SAID: Readonly<Record<AuditVerdict, string>> = {
  broken: 'broken',
  weak: 'weak',
  choose: 'yours to choose',
  ok: 'ok',
};
const INDENT = ' '.repeat(8);

export function countVerdicts(rows: readonly AuditRow[]): Record<AuditVerdict, number> {
  const counts = { broken: 0, weak: 0, choose: 0, ok: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}

/** All rows as text: in full what is broken or weak, with its remedy what is to be chosen, in one line what is ok. */
export function printRows(rows: readonly AuditRow[]): string {
  const counts = countVerdicts(rows);
  const sum = VERDICTS.map((verdict) => `${counts[verdict]} ${SAID[verdict]}`).join(', ');
  const lines = VERDICTS.flatMap((verdict) => rows.filter((row) => row.verdict === verdict)).flatMap(linesOf);
  return [...lines, '', sum, ''].map(printable).join('\n');
}

function linesOf({ verdict, setting, value, recommended, why, remedy, source }: AuditRow): string[] {
  const head = `${verdict.padEnd(INDENT.length)}${setting}${value && `: ${value}`}`;
  if (verdict === 'ok') return [head];
  const mend = remedy && `${INDENT}mend: ${remedy}`;
  if (verdict === 'choose') return [head, mend || (why && `${INDENT}${why}`)].filter(Boolean);
  const advice = recommended && `${INDENT}recommended: ${recommended}`;
  return [head, advice, `${INDENT}why: ${why} (${source})`, mend].filter(Boolean);
}

/** A site or a file may send what a terminal would obey. */
const printable = (line: string): string => line.replaceAll(/[^\P{C}]/gu, '?');
