/** Calls `prune` about every `interval` seconds. The period varies by a tenth, so that servers do not prune all at once. The
 *  timer keeps no process alive. */
export function pruneEvery(interval: number, prune: () => void): NodeJS.Timeout {
  const early = 0.9 + 0.2 * Math.random();
  return setInterval(prune, interval * 1000 * early).unref();
}
