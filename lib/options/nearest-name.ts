/** The allowed name that is closest to a misspelt one, if any is close. */
export function nearestName(name: string, allowed: readonly string[]): string | undefined {
  const ranked = allowed.map((one) => ({ one, distance: distance(name.toLowerCase(), one.toLowerCase()) }));
  const best = ranked.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? best.one : undefined;
}

/** Levenshtein: insertions, deletions and replacements that make one text of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
