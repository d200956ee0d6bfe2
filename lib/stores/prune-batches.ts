import { setTimeout } from 'node:timers/promises';

/** Removes rows in batches until a batch is not full, and returns their number. `remove` removes up to `batch` rows and
 *  resolves to how many. Between two batches it rests as long as the last one took, so that half of the time is left to the
 *  reads of requests. */
export async function pruneBatches(batch: number, remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const begin = performance.now();
    const affected = await remove();
    removed += affected;
    if (!affected || affected < batch) return removed;
    await setTimeout(performance.now() - begin);
  }
}
