import type { SessionRecord } from '../record/session-record.js';
import type { LoadedRow, SessionStore } from '../stores/session-store.interface.js';
import { carryMigration, extendUntilMigration } from './migration-mark.js';
import { storedSession, type SealedRows } from './sealed-rows.js';
import type { Identity, MoveKind, StoredSession } from './session-repository.interface.js';
import type { Tombstones } from './tombstones.js';

/** Saves under the lock of a store that has one. */
export class LockedSaves {
  constructor(
    private readonly updateLocked: NonNullable<SessionStore['updateLocked']>,
    private readonly rows: SealedRows,
    private readonly tombstones: Tombstones,
  ) {}

  /** Saves what `change` makes of the record as it is under the lock. */
  async replace(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
    until?: number,
  ): Promise<StoredSession | undefined> {
    let saved: StoredSession | undefined;
    const changed = async (current: LoadedRow) => {
      const found = await this.rows.read(entry, current, entry.cookieOutdated);
      const record = found.kind === 'live' ? change(found.entry.record) : undefined;
      if (!record) return undefined;
      const next = storedSession(entry, current.version + 1, record, entry.cookieOutdated);
      saved = carryMigration(entry, next);
      return { row: extendUntilMigration(await this.rows.seal(entry.key, record, asItIs), entry) };
    };
    const result = await this.updateLocked(entry.key, changed, until);
    return result === 'saved' ? saved : undefined;
  }

  /** Moves the session, with what `change` makes of it as it is under the lock. */
  async move(
    entry: StoredSession,
    to: Identity,
    change: (current: StoredSession) => SessionRecord | undefined,
    kind: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined> {
    let saved: StoredSession | undefined;
    const changed = async (current: LoadedRow) => {
      const found = await this.rows.read(entry, current, entry.cookieOutdated);
      const record = found.kind === 'live' ? change(found.entry) : undefined;
      if (!record) return undefined;
      saved = storedSession(to, 1, record, true);
      const tombstone = await this.tombstones.ofMoved(entry, to, record, kind);
      const row = await this.rows.seal(to.key, record, asItIs);
      return { row, tombstone: extendUntilMigration(tombstone, entry) };
    };
    const result = await this.updateLocked(entry.key, changed, until);
    return result === 'saved' ? saved : undefined;
  }
}

const asItIs = async <T>(value: T): Promise<T> => value;
