/** Returns the allowed name that a misspelt one is closest to, or `undefined` if none is close. Case does not count. Close
 *  means at most two edits or a third of the name, and fewer edits than the name has characters. */
export function nearestName(name: string, allowed: readonly string[]): string | undefined {
  const ranked = allowed.map((one) => ({ one, edits: editDistance(name.toLowerCase(), one.toLowerCase()) }));
  const best = ranked.toSorted((a, b) => a.edits - b.edits)[0];
  const isClose = best && best.edits < name.length && best.edits <= Math.max(2, name.length / 3);
  return isClose ? best.one : undefined;
}

/** Returns the end of an error message that guesses what was meant: `; is "aes256" meant?`, or nothing. */
export function meantHint(name: unknown, allowed: readonly string[]): string {
  const nearest = typeof name === 'string' ? nearestName(name.slice(0, 40), allowed) : undefined;
  return nearest === undefined ? '' : `; is "${nearest}" meant?`;
}

/** Returns the Levenshtein distance: the insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
