import type { MonitoredStore } from '../persistence/monitored.store.js';
import { allRows, hasRows } from '../stores/all-rows.js';

/** Rows that are ended at once. */
const AT_ONCE = 50;

/** Ends every live session that began at `until` or before, and resolves to the number. Walks until a walk finds none, since a
 *  session that moves meanwhile can be missed. Reads every live row. */
export async function endAllRows(store: MonitoredStore, until: Date, deadline: Date): Promise<number> {
  let total = 0;
  for (let quiet = 0; quiet < 2;) {
    const ended = hasRows(store) ? await walk(store, until, deadline) : 0;
    total += ended;
    quiet = ended ? 0 : quiet + 1;
  }
  return total;
}

async function walk(
  store: MonitoredStore & Parameters<typeof allRows>[0],
  until: Date,
  deadline: Date,
): Promise<number> {
  let ended = 0;
  let keys: Buffer[] = [];
  const end = async () => {
    const done = await Promise.all(keys.map((key) => store.destroy(key, deadline)));
    ended += done.filter(Boolean).length;
    keys = [];
  };
  for await (const { key, createdAt } of allRows(store))
    if (createdAt <= until && keys.push(key) === AT_ONCE) await end();
  await end();
  return ended;
}
