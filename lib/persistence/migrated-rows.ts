import type { Awaitable } from '../crypto/awaitable.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { SessionRecord } from '../record/session-record.js';
import type { LoadedRow, SessionStore } from '../stores/session-store.interface.js';
import type { ConvertedRows } from './converted-rows.js';
import type { ConvertedSession } from './converted-session.interface.js';
import type { ForeignRevocations } from './marks/foreign-revocations.js';
import { extendUntilMigration, foreignEpoch, markMigrated } from './migration-mark.js';
import { none, storedSession, type SealedRows } from './sealed-rows.js';
import type { Identity, SessionLookup, StoredSession } from './session-repository.interface.js';

/** Returns what a foreign session holds, or `undefined` if there is none any more. It gets what `session-crypto convert` has
 *  stored of it. */
export type LoadMigrated = (converted?: ConvertedSession) => Awaitable<SessionRecord | undefined>;

/** Everything that {@link MigratedRows} works with. */
export interface MigratedRowsParts {
  readonly store: SessionStore;
  readonly rows: SealedRows;
  readonly converted: ConvertedRows;
  now(): number;
  /** Finds the session that a row holds or leads to. */
  judge(row: LoadedRow, identity: Identity): Awaitable<SessionLookup>;
  /** Absent where no foreign sessions are migrated. */
  readonly revocations: ForeignRevocations | undefined;
  end(entry: Identity & { readonly migratableUntil?: number }): Promise<unknown>;
}

/** How often a migration is tried that meets other ones, or a new state of the converted session. */
const MAX_TRIES = 5;

/** Takes over sessions of a foreign format: it stores a row under the foreign session's origin, or makes a session of the converted
 *  one there. The row then moves. A copy of the old cookie is then followed like any old id. */
export class MigratedRows {
  constructor(private readonly parts: MigratedRowsParts) {}

  /** Of several requests at once, one stores the row and the others find it. */
  async migrate(origin: Buffer, load: LoadMigrated, migratableUntil: number): Promise<SessionLookup> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const row = await this.parts.store.load(origin);
      const converted = row && (await this.parts.converted.open(row));
      if (row && typeof converted !== 'object') return this.known(row, origin, migratableUntil);
      const record = await load(converted as ConvertedSession | undefined);
      // A faster request may have stored the row and removed the other program's in between.
      if (!record) return this.known(await this.parts.store.load(origin), origin, migratableUntil);
      if (await this.isRevoked(record)) {
        if (row) await this.parts.end({ key: origin, migratableUntil });
        return none('absent');
      }
      const entry = await this.takeOver(origin, record, migratableUntil, row?.version);
      if (entry) return this.unlessRevoked(entry);
    }
    throw new SessionStoreError('migrate', 'conflict');
  }

  /** A revocation that came before the row was stored has not found it, and has left its mark by now. */
  private async unlessRevoked(entry: StoredSession): Promise<SessionLookup> {
    if (!(await this.isRevoked(entry.record))) return { kind: 'live', now: this.parts.now(), entry };
    await this.parts.end(entry);
    return none('absent');
  }

  private isRevoked(record: SessionRecord): Awaitable<boolean> {
    const { revocations, now } = this.parts;
    return revocations?.hasEnded(record.subject, foreignEpoch(record, now())) ?? false;
  }

  private async known(
    row: LoadedRow | undefined,
    origin: Buffer,
    migratableUntil: number,
  ): Promise<SessionLookup> {
    const found = row ? await this.parts.judge(row, { key: origin }) : none('absent');
    return markMigrated(found, origin, migratableUntil);
  }

  /** Stores a migrated session in a new row, or in the row of the converted one at `version`. Resolves to `undefined` if
   *  another one was faster. */
  private async takeOver(
    origin: Buffer,
    record: SessionRecord,
    migratableUntil: number,
    version: number | undefined,
  ): Promise<StoredSession | undefined> {
    const { store, rows } = this.parts;
    const stored = await rows.seal(origin, record, (sealed) => {
      const row = extendUntilMigration(sealed, { migratableUntil });
      if (version !== undefined) return store.replace(row, version).then((result) => result === 'saved');
      return store.create(row).then(() => true, refuseOthers);
    });
    if (!stored) return undefined;
    return { ...storedSession({ key: origin }, (version ?? 0) + 1, record, false), migratableUntil };
  }
}

/** Another request was faster. Throws every other error. */
function refuseOthers(error: unknown): false {
  if (error instanceof SessionStoreError && error.reason === 'duplicate') return false;
  throw error;
}
