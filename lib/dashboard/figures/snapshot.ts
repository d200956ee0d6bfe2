import { BEGINNING, bucketsOf, COLUMNS, ENDING, REJECTING, type Column, type Timed } from './columns.js';
import type { KeySeal } from './key-seals.js';
import type { KeyUse } from './key-uses.js';
import { quantile } from './latency.js';
import { MINUTES, type SessionFigures } from './session-figures.js';

/** Minutes of one bar of a chart. */
export const GROUP = 10;
export const GROUPS = MINUTES / GROUP;
const HOUR = 60;

/** The counts of one window. */
type Counts = readonly number[];

/** What one process counted, or several together: small, so that it can be sent. Times are milliseconds since 1970. */
export interface Snapshot {
  /** When the counting began. */
  readonly since: number;
  /** The sums of {@link COLUMNS}, in their order. */
  readonly lastHour: Counts;
  readonly all: Counts;
  /** By {@link GROUP} minutes, the oldest first. */
  readonly begun: Counts;
  readonly ended: Counts;
  readonly rejected: Counts;
  readonly keys: readonly KeyUse[];
  readonly seals: readonly KeySeal[];
}

/** Returns what a process counted until now. */
export function snapshotOf({ startedAt, ring, keys, seals }: SessionFigures): Snapshot {
  const groups = (columns: readonly Column[]) =>
    columns.map((column) => ring.groups(column, GROUP)).reduce(plus);
  return {
    since: startedAt,
    lastHour: COLUMNS.map((column) => ring.sum(column, HOUR)),
    all: COLUMNS.map((column) => ring.sum(column)),
    begun: groups(BEGINNING),
    ended: groups(ENDING),
    rejected: groups(REJECTING),
    keys: keys.all(),
    seals: seals.all(),
  };
}

/** Adds up what several processes counted, at least one. */
export const together = (all: readonly Snapshot[]): Snapshot => all.reduce(both);

function both(one: Snapshot, other: Snapshot): Snapshot {
  return {
    since: Math.min(one.since, other.since),
    lastHour: plus(one.lastHour, other.lastHour),
    all: plus(one.all, other.all),
    begun: plus(one.begun, other.begun),
    ended: plus(one.ended, other.ended),
    rejected: plus(one.rejected, other.rejected),
    keys: mergeKeys([...one.keys, ...other.keys]),
    seals: mergeSeals([...one.seals, ...other.seals]),
  };
}

function mergeKeys(uses: readonly KeyUse[]): KeyUse[] {
  const merged = new Map<string, KeyUse>();
  for (const { hint, opens, lastAt } of uses) {
    const before = merged.get(hint);
    merged.set(hint, {
      hint,
      opens: opens + (before?.opens ?? 0),
      lastAt: Math.max(lastAt, before?.lastAt ?? 0),
    });
  }
  return [...merged.values()];
}

function mergeSeals(seals: readonly KeySeal[]): KeySeal[] {
  const merged = new Map<string, KeySeal>();
  for (const { hint, lastAt } of seals)
    merged.set(hint, { hint, lastAt: Math.max(lastAt, merged.get(hint)?.lastAt ?? 0) });
  return [...merged.values()];
}

const plus = (one: Counts, other: Counts): number[] => one.map((value, i) => value + other[i]!);

const PLACES = new Map(COLUMNS.map((column, i) => [column, i]));

/** Returns the sum of columns in one window. */
export const sumIn = (counts: Counts, columns: readonly Column[]): number =>
  columns.reduce((sum, column) => sum + counts[PLACES.get(column)!]!, 0);

/** Returns the quantiles of a step in one window, in milliseconds; `undefined` if nothing was counted. */
export function latencyIn(counts: Counts, step: Timed): { p50: number; p99: number } | undefined {
  const buckets = bucketsOf(step).map((bucket) => sumIn(counts, [bucket]));
  const [p50, p99] = [quantile(buckets, 0.5), quantile(buckets, 0.99)];
  return p50 === undefined || p99 === undefined ? undefined : { p50, p99 };
}
