import type { KeyFacts } from '../stores/key-row-store.interface.js';

/** Returns a sentence if a store has older rows than this process has read before, as after the restore of a backup. In the life
 *  of a ring, the newest row is never removed, no version goes back, and no row becomes another key. A process that took
 *  older rows would drop keys by which its visitors' sessions are sealed. */
export function olderFault(known: readonly KeyFacts[], rows: readonly KeyFacts[]): string | undefined {
  const newest = rows.at(-1)?.id ?? 0;
  const lost = known.find((key) => {
    const row = rows.find(({ id }) => id === key.id);
    return row ? row.version < key.version || row.hint !== key.hint : key.id > newest;
  });
  return (
    lost &&
    `the store has older rows than this process has read: key ${lost.id} is missing, older or another one; was a backup restored, or ` +
      'were rows deleted? Restart all processes to take the rows that are there (docs/keys.md, "Disasters")'
  );
}
