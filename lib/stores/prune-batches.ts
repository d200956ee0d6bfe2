/** Removes rows in batches until a batch is not full. `remove` removes up to `batch` rows. Returns the number of removed
 *  rows. */
export async function pruneBatches(
  batch: number,
  remove: () => Promise<{ affected: number }>,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { affected } = await remove();
    removed += affected;
    if (!affected || affected < batch) return removed;
  }
}
