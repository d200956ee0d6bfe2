import type { KeyFacts } from '../stores/key-row-store.interface.js';

/** Returns a sentence if a store has older rows than this process has read before, as after the restore of a backup, and it would
 *  do harm to take them: a key that has sealed is gone, or is another key, so that sessions would end; or a revoked key is
 *  back. A key that was only published, or a step that is not done any more, does no harm: the plan does it again. A server
 *  that fails over may lose such a step. */
export function olderFault(known: readonly KeyFacts[], rows: readonly KeyFacts[]): string | undefined {
  const newest = rows.at(-1)?.id ?? 0;
  const lost = known.find((key) =>
    isHarmful(
      key,
      rows.find(({ id }) => id === key.id),
      newest,
    ),
  );
  if (!lost) return undefined;
  const what = lost.state === 'revoked' ? 'was revoked and is back' : 'has sealed sessions and is missing';
  return (
    `the store has older rows than this process has read: key ${lost.id} ${what}; was a backup restored, or were rows deleted? ` +
    'Restart all processes to take the rows that are there (docs/keys.md, "Disasters")'
  );
}

/** In the life of a ring, the newest row is never removed, and no row becomes another key. */
function isHarmful(key: KeyFacts, row: KeyFacts | undefined, newest: number): boolean {
  const isSame = row?.hint === key.hint;
  if (key.state === 'revoked') return isSame && row?.state !== 'revoked';
  if (key.state === 'published') return false;
  return row ? !isSame : key.id > newest;
}
