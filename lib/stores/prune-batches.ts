/** Batches of one call. The limit keeps a call short; the next call removes the rest. */
const MAX_BATCHES = 20;

/** Removes rows in batches until a batch is not full, but at most {@link MAX_BATCHES}. `remove` removes up to `batch`
 *  rows. Returns the number of removed rows. */
export async function pruneBatches(
  batch: number,
  remove: () => Promise<{ affected: number }>,
): Promise<number> {
  let removed = 0;
  for (let i = 0; i < MAX_BATCHES; i++) {
    const { affected } = await remove();
    removed += affected;
    if (affected < batch) break;
  }
  return removed;
}
