import type { ResealProgress } from '../../manager/reseal-rows.js';
import type { KeyInfo } from '../../ring/ring-administration.js';
import type { CommandIo } from '../command-io.interface.js';
import { printTable } from '../print-table.js';
import { jsonOf } from '../printable.js';
import { minuteOf } from '../times.js';

const COLUMNS = ['id', 'hint', 'state', 'created', 'seals', 'retires', 'drops'] as const;

/** Prints keys as a table, or as JSON. */
export function printKeys(io: CommandIo, keys: readonly KeyInfo[], json: boolean | undefined): void {
  if (json) io.out(jsonOf(keys));
  else printTable(io, COLUMNS, keys.map(cellsOf));
}

const cellsOf = ({ id, hint, state, createdAt, sealsAt, retiresAt, dropsAt }: KeyInfo): string[] => [
  `${id}`,
  hint,
  state,
  ...[createdAt, sealsAt, retiresAt, dropsAt].map(minuteOf),
];

/** Returns what a progress says beside the number of sessions that were read. */
export const noteOf = ({ resealed, mark }: ResealProgress): string => `${resealed} sealed anew, mark ${mark}`;
