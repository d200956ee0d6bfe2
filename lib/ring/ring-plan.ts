import type { KeyFacts } from '../stores/key-row-store.interface.js';

/** The rules of a managed ring. All are seconds. */
export interface RingRules {
  /** How long a key seals until the next one does. */
  readonly rotation: number;
  /** How long a new key is published before it seals. */
  readonly publishLead: number;
  /** How long a key opens after it has stopped sealing. No session is longer. */
  readonly keep: number;
  /** True if `crypto.secrets` has sealed sessions until now: it goes on until the first key of the ring was published. */
  readonly adopts?: boolean;
}

/** Seconds after which every process knows a key that was published: each reads the rows within one minute. */
export const SETTLED_AFTER = 120;

/** Seconds by which a key is kept longer than what it has sealed: processes learn that it has stopped sealing some time later. */
export const KEEP_MARGIN = 600;

/** Something that is due. `make`: create the key `id`; it seals from `sealsAt` on, at once if that is now. `promote`: let a
 *  published key seal. `retire`: let a key only open. `extend`: keep a key longer than whoever retired it has said. `drop`:
 *  remove the row. */
export type RingStep =
  | { readonly step: 'make'; readonly id: number; readonly sealsAt: Date }
  | { readonly step: 'promote'; readonly key: KeyFacts }
  | { readonly step: 'retire' | 'extend'; readonly key: KeyFacts; readonly dropsAt: Date }
  | { readonly step: 'drop'; readonly key: KeyFacts };

/** Returns the steps that are due, in order. `keys` are all rows of a ring by their ids, and `now` is the clock of their store.
 *  The caller does the first step and reads the rows again, until none is due. Pure: every process that reads the same rows
 *  finds the same steps, so whoever is first does them, and the others find them done.
 *
 *  The newest sealing key is the one that seals. One key always seals: where there is none, the oldest published key is
 *  promoted, since most processes know it, or a key is made that seals at once. */
export function ringPlan(keys: readonly KeyFacts[], now: Date, rules: RingRules): RingStep[] {
  const current = sealingKey(keys);
  if (!current) return firstStep(keys, now, rules);
  return [
    ...promotions(keys, current, now),
    ...retirements(keys, current, now, rules),
    ...births(keys, current, now, rules),
    ...ends(keys, now, rules),
  ];
}

/** Returns the key that seals: the newest of those in the state `sealing`; `undefined` if there is none. */
export const sealingKey = <K extends KeyFacts>(keys: readonly K[]): K | undefined =>
  keys.findLast(({ state }) => state === 'sealing');

/** The id of the next new key. Ids are never used again, since the newest row is never removed. */
export const nextId = (keys: readonly KeyFacts[]): number => Math.max(0, ...keys.map(({ id }) => id)) + 1;

export const later = (moment: Date, seconds: number): Date => new Date(moment.getTime() + 1000 * seconds);

function firstStep(keys: readonly KeyFacts[], now: Date, { adopts, publishLead }: RingRules): RingStep[] {
  const known = keys.find(({ state }) => state === 'published');
  // No key has sealed yet, and the secrets seal.
  const waits = adopts && keys.every(({ state }) => state === 'published');
  if (known) return waits && known.sealsAt > now ? [] : [{ step: 'promote', key: known }];
  return [{ step: 'make', id: nextId(keys), sealsAt: waits ? later(now, publishLead) : now }];
}

/** The newest published key whose time has come. */
function promotions(keys: readonly KeyFacts[], current: KeyFacts, now: Date): RingStep[] {
  const due = keys.findLast(
    ({ id, state, sealsAt, createdAt }) =>
      state === 'published' && id > current.id && sealsAt <= now && later(createdAt, SETTLED_AFTER) <= now,
  );
  return due ? [{ step: 'promote', key: due }] : [];
}

/** Keys that a newer one has replaced, and published keys that were passed over. */
function retirements(
  keys: readonly KeyFacts[],
  current: KeyFacts,
  now: Date,
  { keep }: RingRules,
): RingStep[] {
  const replaced = keys.filter(
    ({ id, state }) => id < current.id && (state === 'sealing' || state === 'published'),
  );
  return replaced.map((key) => ({ step: 'retire', key, dropsAt: later(now, keep) }));
}

/** A new key, when the current one will be replaced within {@link RingRules.publishLead} and no successor is published. */
function births(
  keys: readonly KeyFacts[],
  current: KeyFacts,
  now: Date,
  { rotation, publishLead }: RingRules,
): RingStep[] {
  if (keys.some(({ id, state }) => state === 'published' && id > current.id)) return [];
  const planned = later(current.sealsAt, rotation);
  const soonest = later(now, publishLead);
  if (soonest < planned) return [];
  return [{ step: 'make', id: nextId(keys), sealsAt: soonest }];
}

/** Rows whose time is over. The newest row stays, so that no id comes twice. */
function ends(keys: readonly KeyFacts[], now: Date, { keep }: RingRules): RingStep[] {
  const newest = nextId(keys) - 1;
  return keys.flatMap((key): RingStep[] => {
    const { id, state, retiresAt, dropsAt } = key;
    if (!retiresAt || !dropsAt) return [];
    const least = later(retiresAt, keep);
    if (state === 'retiring' && dropsAt < least) return [{ step: 'extend', key, dropsAt: least }];
    return dropsAt <= now && id < newest ? [{ step: 'drop', key }] : [];
  });
}

/** When a key stops sealing and when its row is removed, if nobody changes the ring. */
export function scheduleOf<K extends KeyFacts>(
  key: K,
  keys: readonly KeyFacts[],
  { rotation, keep }: RingRules,
): { readonly retiresAt: Date; readonly dropsAt: Date } {
  const next = keys.find(({ id, state }) => id > key.id && state === 'published');
  const retiresAt = key.retiresAt ?? next?.sealsAt ?? later(key.sealsAt, rotation);
  return { retiresAt, dropsAt: key.dropsAt ?? later(retiresAt, keep) };
}
