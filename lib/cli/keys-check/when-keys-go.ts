import { longestNeed } from '../../options/resolve-ring.js';
import type { ResolvedOptions } from '../../options/resolved-options.interface.js';
import { durationOf, secondOf } from '../times.js';
import type { KeyReport, RingReport } from './keys-report.interface.js';

/** Returns when each key that seals no more can go, as sentences. `rotated` is when the first key began to seal. */
export function whenKeysGo(
  { path, managed, keys }: RingReport,
  options: ResolvedOptions,
  now: Date,
  rotated?: Date,
): string[] {
  if (managed)
    return [`${path}: the ring is managed, and drops its keys itself ("session-crypto keys list" says when)`];
  return keys.filter(({ seals }) => !seals).map((key) => `${path}: ${whenGoes(key, options, now, rotated)}`);
}

/** Rows say which sessions a key has sealed. Its cookies are known by nobody but browsers, so the longest life counts too. */
function whenGoes(key: KeyReport, options: ResolvedOptions, now: Date, rotated?: Date): string {
  const { hint, rows, lastEnd } = key;
  const need = longestNeed(options, rotated?.getTime());
  if (!rotated)
    return `the key ${hint} can go ${durationOf(need)} after the first key began to seal (--rotated TIME computes it); ${sealedBy(key, options)}`;
  const end = new Date(Math.max(rotated.getTime() + need * 1000, rows ? lastEnd!.getTime() : 0));
  const verdict =
    end <= now
      ? 'can go now'
      : `can go at ${secondOf(end)}, in ${durationOf((end.getTime() - now.getTime()) / 1000)}`;
  return `the key ${hint} ${verdict}; ${sealedBy(key, options)}`;
}

function sealedBy({ rows, lastEnd }: KeyReport, { store }: ResolvedOptions): string {
  if (rows) return `${storedSessions(rows)} sealed by it, the last until ${secondOf(lastEnd!)} at the latest`;
  if (rows === 0) return 'no stored session is sealed by it';
  return store.kind === 'cookie'
    ? 'sessions are in cookies, which nobody can count'
    : 'stored sessions were not counted';
}

/** Returns a number of sessions as the subject of a sentence. */
export const storedSessions = (rows: number): string =>
  rows === 1 ? '1 stored session is' : `${rows} stored sessions are`;
