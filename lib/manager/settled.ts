/** Throws the error of the first part that has failed. */
export function throwFirst(parts: readonly PromiseSettledResult<unknown>[]): void {
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

/** Returns what each part has resolved to that has not failed. */
export const fulfilledOf = <T>(parts: readonly PromiseSettledResult<T>[]): T[] =>
  parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));

/** Returns the sum of the parts that have not failed. */
export const settledSum = (parts: readonly PromiseSettledResult<number>[]): number =>
  fulfilledOf(parts).reduce((sum, one) => sum + one, 0);
