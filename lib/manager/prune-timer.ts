/** Calls `prune` again and again, about every `interval` seconds: not all servers at once. Keeps no process alive. */
export function pruneEvery(interval: number, prune: () => void): NodeJS.Timeout {
  const early = 0.9 + 0.2 * Math.random();
  return setInterval(prune, interval * 1000 * early).unref();
}
