const WIDTH = 4;

/** Does them all, a few at a time; results in the order of the tasks. */
export async function inTurns<T, R>(tasks: readonly T[], one: (task: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = tasks.entries();
  const worker = async () => {
    for (const [i, task] of queue) results[i] = await one(task);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  return results;
}
