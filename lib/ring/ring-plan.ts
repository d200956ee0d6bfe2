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

/** Seconds after which a published key is known to every process for sure, also if the store was away meanwhile. */
const KNOWN_AFTER = 86_400;

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
 *  promoted, since most processes know it, or a key is made that seals at once. `isSettled` is false if other processes may not have
 *  read the rows for some time; then no key younger than a day is promoted while another key can seal. */
export function ringPlan(
  keys: readonly KeyFacts[],
  now: Date,
  rules: RingRules,
  isSettled = true,
): RingStep[] {
  const current = sealingKey(keys);
  if (!current) return firstStep(keys, now, rules, isSettled);
  return [
    ...promotions(keys, current, now, isSettled),
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

/** True if a moment is later than it can be: it was written by a wrong clock. */
const isAhead = (moment: Date, now: Date): boolean => moment > later(now, SETTLED_AFTER);

/** True if a key seals or may have sealed. A published key that is retired or revoked never did. */
const hasSealed = ({ state, sealsAt, retiresAt }: KeyFacts): boolean =>
  state === 'sealing' || (retiresAt !== undefined && retiresAt >= sealsAt);

function firstStep(keys: readonly KeyFacts[], now: Date, rules: RingRules, isSettled: boolean): RingStep[] {
  if (rules.adopts && !keys.some(hasSealed)) return firstAdopted(keys, now, rules, isSettled);
  const known = keys.find(({ state }) => state === 'published');
  return [known ? { step: 'promote', key: known } : { step: 'make', id: nextId(keys), sealsAt: now }];
}

/** No key has sealed yet, and the secrets seal. */
function firstAdopted(
  keys: readonly KeyFacts[],
  now: Date,
  { publishLead, keep }: RingRules,
  isSettled: boolean,
): RingStep[] {
  const published = keys.filter(({ state }) => state === 'published');
  const wrong = published.find(({ createdAt }) => isAhead(createdAt, now));
  if (wrong) return [{ step: 'retire', key: wrong, dropsAt: later(now, keep) }];
  const due = published.find((key) => key.sealsAt <= now && isKnown(key, now, isSettled));
  if (due) return [{ step: 'promote', key: due }];
  return published.length ? [] : [{ step: 'make', id: nextId(keys), sealsAt: later(now, publishLead) }];
}

/** True if every process knows a published key. */
const isKnown = ({ createdAt }: KeyFacts, now: Date, isSettled: boolean): boolean =>
  later(createdAt, isSettled ? SETTLED_AFTER : KNOWN_AFTER) <= now;

/** The newest published key whose time has come. */
function promotions(keys: readonly KeyFacts[], current: KeyFacts, now: Date, isSettled: boolean): RingStep[] {
  const due = keys.findLast(
    (key) =>
      key.state === 'published' && key.id > current.id && key.sealsAt <= now && isKnown(key, now, isSettled),
  );
  return due ? [{ step: 'promote', key: due }] : [];
}

/** What a process knows that cannot read the rows any more. */
export interface LastReading {
  /** The store's clock when the rows were read last. */
  readonly readAt: Date;
  /** As `isSettled` of {@link ringPlan} was then. */
  readonly wasSettled: boolean;
  /** The store's clock now, by a clock of the process that ran on since. */
  readonly now: Date;
}

/** Returns the published key that seals at the others by now, as far as the rows tell that were read last. All processes know it,
 *  so that no session is lost if they have not promoted it. They are two minutes ahead: together with a store's clock that is five
 *  minutes off, whoever cannot read seals by the old key for less than {@link KEEP_MARGIN}. */
export function heirOf<K extends KeyFacts>(
  keys: readonly K[],
  { readAt, wasSettled, now }: LastReading,
): K | undefined {
  const current = sealingKey(keys)?.id ?? 0;
  return keys.findLast(
    (key) =>
      key.state === 'published' &&
      key.id > current &&
      later(key.sealsAt, SETTLED_AFTER) <= now &&
      (isKnown(key, readAt, wasSettled) || isKnown(key, now, false)),
  );
}

/** Keys that a newer one has replaced, and published keys that were passed over or that a wrong clock has dated. */
function retirements(
  keys: readonly KeyFacts[],
  current: KeyFacts,
  now: Date,
  { keep }: RingRules,
): RingStep[] {
  const replaced = keys.filter(
    ({ id, state, createdAt }) =>
      (id < current.id && state === 'sealing') ||
      (state === 'published' && (id < current.id || isAhead(createdAt, now))),
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
  const planned = isAhead(current.sealsAt, now) ? now : later(current.sealsAt, rotation);
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
