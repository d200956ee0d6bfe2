/** What one operation costs. */
export interface Measured {
  /** Microseconds: the median, and that of the slowest hundredth. */
  readonly median: number;
  readonly p99: number;
  /** Operations one after another in a second, on one core. */
  readonly perSecond: number;
  readonly operations: number;
}

/** Milliseconds of a batch: long enough for the clock, and short enough to leave out what the machine does besides. */
const BATCH_MS = 1;

/** Repeats an operation for about `milliseconds`, and at least three times. With `single`, each is measured alone. */
export async function measure(
  work: () => unknown,
  milliseconds: number,
  { single = false } = {},
): Promise<Measured> {
  const size = single ? 1 : await batchSize(work, milliseconds / 10);
  const costs: number[] = [];
  const until = performance.now() + milliseconds;
  while (performance.now() < until || costs.length < 3) costs.push((await run(work, size)) / size);
  return measuredOf(costs, size);
}

/** Returns how many operations fill a batch. The code gets warm meanwhile. */
async function batchSize(work: () => unknown, milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  let count = 0;
  const began = performance.now();
  do {
    await run(work, 1);
    count++;
  } while (performance.now() < until);
  return Math.max(1, Math.round((count * BATCH_MS) / (performance.now() - began)));
}

/** Runs the operation, and returns the milliseconds. What is no promise is not waited for. */
async function run(work: () => unknown, times: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < times; i++) {
    const done = work();
    if (done instanceof Promise) await done;
  }
  return performance.now() - began;
}

function measuredOf(milliseconds: readonly number[], size: number): Measured {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]! * 1000);
  const median = at(0.5);
  const operations = milliseconds.length * size;
  return { median, p99: at(0.99), perSecond: Math.round(1_000_000 / Math.max(median, 0.001)), operations };
}

const round = (microseconds: number): number =>
  microseconds < 100 ? Math.round(microseconds * 10) / 10 : Math.round(microseconds);
