import type { ResealProgress } from '../manager/reseal-rows.js';
import type { KeyInfo } from '../ring/ring-administration.js';

const COLUMNS = ['id', 'hint', 'state', 'created', 'seals', 'retires', 'drops'] as const;

/** Returns keys as a table, or as JSON. */
export function keyLines(keys: readonly KeyInfo[], json: boolean): string {
  if (json) return `${JSON.stringify(keys, null, 2)}\n`;
  const rows = [COLUMNS, ...keys.map(cellsOf)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

const cellsOf = ({ id, hint, state, createdAt, sealsAt, retiresAt, dropsAt }: KeyInfo): string[] => [
  `${id}`,
  hint,
  state,
  ...[createdAt, sealsAt, retiresAt, dropsAt].map(minuteOf),
];

/** UTC, to the minute. */
const minuteOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`;

const BAR = 30;

/** Returns a line that replaces itself: a bar, the numbers, and the mark to go on from. `total` may be an estimate. */
export function progressLine({ read, resealed, mark }: ResealProgress, total: number): string {
  const part = Math.min(1, read / Math.max(total, read, 1));
  const bar = '#'.repeat(Math.round(part * BAR)).padEnd(BAR, '.');
  return `\r[${bar}] ${read} read, ${resealed} sealed anew, mark ${mark}`;
}
