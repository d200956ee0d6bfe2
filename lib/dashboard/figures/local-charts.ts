import { bucketsOf } from './columns.js';
import { quantile } from './latency.js';
import type { SessionFigures } from './session-figures.js';
import { GROUP } from './snapshot.js';

/** Series that only one process knows, by {@link GROUP} minutes, the oldest first. */
export interface LocalCharts {
  readonly sessions: readonly (number | undefined)[];
  /** Milliseconds that half of all reads of the store, and 99 of a hundred, did not exceed. */
  readonly p50: readonly (number | undefined)[];
  readonly p99: readonly (number | undefined)[];
}

export function localCharts({ ring }: SessionFigures): LocalCharts {
  const buckets = bucketsOf('read').map((bucket) => ring.groups(bucket, GROUP));
  const groups = buckets[0]!.map((_, i) => buckets.map((counts) => counts[i]!));
  return {
    sessions: ring.groups('sessions', GROUP, lastOf).map((value) => (value ? value - 1 : undefined)),
    p50: groups.map((counts) => quantile(counts, 0.5)),
    p99: groups.map((counts) => quantile(counts, 0.99)),
  };
}

/** The last count of a group that is one. */
const lastOf = (values: readonly number[]): number => values.findLast((value) => value > 0) ?? 0;
