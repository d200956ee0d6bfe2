import { headerHint } from '../../crypto/key-hint.js';
import type { SessionManager } from '../../manager/session-manager.js';
import { hasRows, pagesOf } from '../../stores/all-rows.js';
import { isMark } from '../../persistence/marks/mark-rows.js';
import type { FoundRow } from '../../stores/session-store.interface.js';

/** Stored sessions under one key. */
export interface RowsOfKey {
  readonly rows: number;
  /** When the last of them has ended, at the latest. */
  readonly lastEnd: Date;
}

/** Counts the live rows of all stores by the hint of the key that has sealed them. `seen` is called with the number so far. Opens
 *  no row. */
export async function rowsByKey(
  { stores }: SessionManager,
  seen: (rows: number) => void,
): Promise<Map<string, RowsOfKey>> {
  const counts = new Map<string, RowsOfKey>();
  let read = 0;
  for (const { rows } of stores) {
    if (!hasRows(rows)) continue;
    for await (const page of pagesOf(rows)) {
      for (const row of page) count(counts, row);
      seen((read += page.length));
    }
  }
  return counts;
}

/** True if the sessions of an application can be read one by one. */
export const canCount = ({ stores }: SessionManager): boolean => stores.some(({ rows }) => hasRows(rows));

/** The marks of revocations are not sealed. */
function count(counts: Map<string, RowsOfKey>, row: FoundRow): void {
  const hint = headerHint(row.sealed);
  if (hint === undefined || isMark(row)) return;
  const { rows, lastEnd } = counts.get(hint) ?? { rows: 0, lastEnd: row.deadline };
  counts.set(hint, { rows: rows + 1, lastEnd: row.deadline > lastEnd ? row.deadline : lastEnd });
}
