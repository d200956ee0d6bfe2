import type { SessionEvents, WatchedStore } from '../persistence/session-events.js';
import type { StoreHealth } from '../persistence/store-health.js';
import { ATTRIBUTES } from './metric-names.js';
import type { Tally } from './tally.js';

/** Shows from now on which stores of one session answer. Several stores may hold the same, one for each context: the number is 0
 *  while any of them is down. The answer stops it. */
export function showStores(
  session: string,
  events: SessionEvents,
  up: Tally,
  health: readonly Pick<StoreHealth, 'store' | 'isDown'>[],
): () => void {
  const downs = new Map<WatchedStore, number>();
  const add = (store: WatchedStore, more: number): void => {
    const down = Math.max(0, (downs.get(store) ?? 0) + more); // that of remember-me may be down before anybody looks
    downs.set(store, down);
    up.of({ [ATTRIBUTES.session]: session, [ATTRIBUTES.store]: store }).set(down ? 0 : 1);
  };
  for (const { store, isDown } of health) add(store, isDown ? 1 : 0);
  const wentDown = ({ store }: { store: WatchedStore }) => add(store, 1);
  const cameUp = ({ store }: { store: WatchedStore }) => add(store, -1);
  events.on('storeDown', wentDown).on('storeUp', cameUp);
  return () => void events.off('storeDown', wentDown).off('storeUp', cameUp);
}
