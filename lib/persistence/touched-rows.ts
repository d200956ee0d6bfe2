import type { SessionRecord } from '../record/session-record.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import { carryMigration, extendUntilMigration } from './migration-mark.js';
import { storedSession, type SealedRows } from './sealed-rows.js';
import type { SessionLookup, StoredSession } from './session-repository.interface.js';

/** Everything that {@link TouchedRows} works with. */
export interface TouchedRowsParts {
  readonly store: SessionStore;
  readonly rows: SealedRows;
  reload(entry: StoredSession): Promise<SessionLookup>;
  save(entry: StoredSession, record: SessionRecord, until?: number): Promise<StoredSession | undefined>;
}

/** Moves the idle clocks of rows. */
export class TouchedRows {
  constructor(private readonly parts: TouchedRowsParts) {}

  /** Moves the idle clock under the same version. A store without `touch` saves the whole row. Resolves to `undefined` if the
   *  session has ended. */
  async touch(
    entry: StoredSession,
    record: SessionRecord,
    until?: number,
  ): Promise<StoredSession | undefined> {
    return (await this.write(entry, record, until)) ?? this.touchSaved(entry, record, until);
  }

  /** Moves the idle clock of a session that was saved meanwhile, unless the save has moved it: a save that no visitor has caused
   *  leaves the clock. */
  private async touchSaved(
    entry: StoredSession,
    { lastSeenAt, idleTimeout }: SessionRecord,
    until: number | undefined,
  ): Promise<StoredSession | undefined> {
    const found = await this.parts.reload(entry);
    if (found.kind !== 'live') return undefined;
    const current = found.entry;
    if (current.record.lastSeenAt >= lastSeenAt) return current.key.equals(entry.key) ? entry : current;
    const record = { ...current.record, lastSeenAt, idleTimeout };
    return (await this.write(current, record, until)) ?? this.reloaded(current);
  }

  /** The row was written again meanwhile, so its clock has moved or will move with the next request. */
  private async reloaded(entry: StoredSession): Promise<StoredSession | undefined> {
    const found = await this.parts.reload(entry);
    return found.kind === 'live' ? found.entry : undefined;
  }

  /** Resolves to `undefined` if the row no longer has the version that was loaded. */
  private async write(
    entry: StoredSession,
    record: SessionRecord,
    until: number | undefined,
  ): Promise<StoredSession | undefined> {
    const { store, rows } = this.parts;
    if (!store.touch) return this.parts.save(entry, record, until);
    const touched = await rows.seal(entry.key, record, (row) =>
      store.touch!(extendUntilMigration(row, entry), entry.version),
    );
    if (touched === false) return undefined;
    return carryMigration(entry, storedSession(entry, entry.version, record, entry.cookieOutdated));
  }
}
