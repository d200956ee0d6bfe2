import type { MonitoredStore } from '../persistence/monitored.store.js';
import { allRows, hasRows } from '../stores/all-rows.js';
import { fulfilledOf, throwFirst } from './settled.js';

/** Rows that are ended at once. */
const AT_ONCE = 50;

/** Hears of sessions that have ended, also where the store fails afterwards. */
export type EndTally = (ended: number) => void;

/** Ends every live session that began at `until` or before, and resolves to the number. Walks until a walk finds none, since a
 *  session that moves meanwhile can be missed. Reads every live row. */
export async function endAllRows(
  store: MonitoredStore,
  until: Date,
  deadline: Date,
  tally: EndTally = () => undefined,
): Promise<number> {
  let total = 0;
  for (let quiet = 0; quiet < 2;) {
    const ended = hasRows(store) ? await walk(store, until, deadline, tally) : 0;
    total += ended;
    quiet = ended ? 0 : quiet + 1;
  }
  return total;
}

async function walk(
  store: MonitoredStore & Parameters<typeof allRows>[0],
  until: Date,
  deadline: Date,
  tally: EndTally,
): Promise<number> {
  let ended = 0;
  let keys: Buffer[] = [];
  const end = async () => {
    const done = await Promise.allSettled(keys.map((key) => store.destroy(key, deadline)));
    const count = fulfilledOf(done).filter(Boolean).length;
    ended += count;
    tally(count);
    throwFirst(done);
    keys = [];
  };
  for await (const { key, createdAt } of allRows(store))
    if (createdAt <= until && keys.push(key) === AT_ONCE) await end();
  await end();
  return ended;
}
