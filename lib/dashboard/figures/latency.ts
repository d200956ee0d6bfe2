/** Milliseconds up to which the first bucket counts. Each further one reaches {@link FACTOR} times as far. */
const FIRST = 0.1;
const FACTOR = 1.6;
/** Buckets of the histogram: from 0.1 ms to 5 s. The last one has no end. */
export const BUCKETS = 24;

/** Returns the bucket of a duration in milliseconds. */
export const bucketOf = (milliseconds: number): number =>
  Math.min(BUCKETS - 1, Math.ceil(Math.log(Math.max(milliseconds, FIRST) / FIRST) / Math.log(FACTOR)));

/** Returns the duration in milliseconds that a `part` of all counted ones does not exceed, such as 0.99, as exactly as the
 *  buckets tell; `undefined` if nothing was counted. */
export function quantile(counts: readonly number[], part: number): number | undefined {
  const total = counts.reduce((sum, one) => sum + one, 0);
  if (!total) return undefined;
  let rank = part * total;
  for (const [i, count] of counts.entries()) {
    if (count && rank <= count) return within(i, rank / count);
    rank -= count;
  }
  return endOf(BUCKETS - 1);
}

const endOf = (bucket: number): number => FIRST * FACTOR ** bucket;

function within(bucket: number, part: number): number {
  const begin = bucket ? endOf(bucket - 1) : 0;
  return begin + part * (endOf(bucket) - begin);
}
