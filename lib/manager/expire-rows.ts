import type { FoundRow } from '../stores/session-store.interface.js';
import type { SessionProfile } from './session-profile.js';

/** Rows that are read in one step. */
const BATCH = 500;

/** Lets the rows of sessions that have ended by their sealed clocks expire now, so that the next `prune` removes them: the
 *  deadline of a row is rounded up to the hour. `profiles` share one store. A row that none of them opens stays, since
 *  another application may have sealed it, and so does one that is saved meanwhile. Reads every live row. */
export async function expireRows(profiles: readonly SessionProfile[]): Promise<void> {
  const { rows: store } = profiles[0]!.store;
  if (!store?.scan) return;
  let after: Buffer | undefined;
  for (;;) {
    const rows = await store.scan(after, BATCH);
    for (const row of rows)
      if (await hasEnded(row, profiles)) await store.replace({ ...row, deadline: row.now }, row.version);
    after = rows.at(-1)?.key;
    if (rows.length < BATCH) return;
  }
}

/** Reports whether the session in a row has ended for every profile that can open it. */
async function hasEnded(row: FoundRow, profiles: readonly SessionProfile[]): Promise<boolean> {
  const ends = await Promise.all(profiles.map(({ anyEndpoint }) => anyEndpoint.repository.endOf?.(row)));
  const known = ends.filter((end) => end !== undefined);
  return known.length > 0 && known.every(({ end, now }) => end <= now);
}
