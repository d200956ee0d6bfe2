const MAX_BATCHES = 20;

/** Removes rows in batches until one is not full; twenty a call at most, so that nothing waits long. Says how many rows
 *  are gone. `remove` takes away one batch. */
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
