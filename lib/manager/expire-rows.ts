import type { MonitoredStore } from '../persistence/monitored.store.js';
import { allRows, hasRows } from '../stores/all-rows.js';
import type { FoundRow, LoadedRow } from '../stores/session-store.interface.js';
import type { SessionProfile } from './session-profile.js';

/** Lets the rows of sessions that have ended by their sealed clocks expire now, so that the next `prune` removes them: the
 *  deadline of a row is rounded up to the hour. `profiles` share one store. A row that none of them opens stays, since
 *  another application may have sealed it, and so does one that is saved or touched meanwhile. Reads every live row. Resolves to
 *  the number of rows. */
export async function expireRows(profiles: readonly SessionProfile[]): Promise<number> {
  const { rows: store } = profiles[0]!.store;
  let expired = 0;
  if (!hasRows(store)) return expired;
  for await (const row of allRows(store))
    if ((await hasEnded(row, profiles)) && (await expireRow(store, row, profiles))) expired++;
  return expired;
}

/** Lets one row expire, and resolves to true if it has done so. It is read again first, under a lock where the store has one: a touch,
 *  which keeps the version, may have moved its clock since. */
async function expireRow(
  store: MonitoredStore,
  row: FoundRow,
  profiles: readonly SessionProfile[],
): Promise<boolean> {
  const expired = async (current: LoadedRow) => {
    if (current.version !== row.version || !(await hasEnded(current, profiles))) return undefined;
    return { row: { ...row, sealed: current.sealed, deadline: current.now } };
  };
  if (store.updateLocked) return (await store.updateLocked(row.key, expired)) === 'saved';
  const current = await store.load(row.key);
  const change = current && (await expired(current));
  return change !== undefined && (await store.replace(change.row, row.version)) === 'saved';
}

/** Reports whether the session in a row has ended for every profile that can open it. */
async function hasEnded(row: LoadedRow, profiles: readonly SessionProfile[]): Promise<boolean> {
  const ends = await Promise.all(profiles.map(({ anyEndpoint }) => anyEndpoint.repository.endOf?.(row)));
  const known = ends.filter((end) => end !== undefined);
  return known.length > 0 && known.every(({ end, now }) => end <= now);
}
