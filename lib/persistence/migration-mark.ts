import { createHash } from 'node:crypto';
import { NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import type { SessionRecord } from '../record/session-record.js';
import type { MigrationSource } from './session-format.interface.js';
import type { SessionLookup, StoredSession } from './session-repository.interface.js';

/** Returns the 32 bytes that a foreign session's row has as its key. They identify it without revealing it. The prefix is wire
 *  format. */
export const migrationKey = (format: string, origin: string): Buffer =>
  createHash('sha256').update(`nestjs-session-crypto/adopted\0${format}\0`).update(origin).digest();

/** Returns the epoch of marks that a foreign session began in. Its login counts, and one of the second of a revocation counts as
 *  before. A format that tells no login has 0: nobody knows when the session began, so every revocation is later. */
export const foreignEpoch = ({ authenticatedAt }: SessionRecord, now: number): number =>
  Math.max(0, Math.min(now, authenticatedAt) - 1);

/** Returns the seconds since 1970 until which a session of one of these sources may still come in; 0 for none. */
export const migrationEndOf = (sources: readonly MigrationSource[]): number =>
  Math.min(NEVER, Math.max(0, ...sources.map(({ until }) => toSeconds(until))));

/** Keeps what is left of a migrated session as long as its old cookie could come again. */
export function extendUntilMigration<T extends { readonly deadline: Date }>(
  tombstone: T,
  { migratableUntil }: { readonly migratableUntil?: number | undefined },
): T {
  if (!migratableUntil) return tombstone;
  return { ...tombstone, deadline: toDate(Math.max(migratableUntil, toSeconds(tombstone.deadline))) };
}

/** Carries the mark of a row that still stands for a migrated session over to what was made of it. */
export const carryMigration = ({ migratableUntil }: StoredSession, entry: StoredSession): StoredSession =>
  migratableUntil ? { ...entry, migratableUntil } : entry;

/** Marks a row that still stands for a migrated session, so that it moves with the next commit. */
export function markMigrated(found: SessionLookup, origin: Buffer, migratableUntil: number): SessionLookup {
  if (found.kind !== 'live' || !found.entry.key.equals(origin)) return found;
  return { ...found, entry: { ...found.entry, migratableUntil } };
}
