import { ReferenceTokens } from '../envelope/reference-token.js';
import type { LoadedRow, SessionStore } from '../stores/session-store.interface.js';
import type { ConvertedRows } from './converted-rows.js';
import { isMark } from './marks/mark-rows.js';
import { extendUntilMigration } from './migration-mark.js';
import type { SealedRows } from './sealed-rows.js';
import type { Identity } from './session-repository.interface.js';
import type { Tombstones } from './tombstones.js';

/** The number of successors that are followed for the holder of a session: a long request, a socket, or a page that was
 *  shown hours ago. */
export const MAX_OWN_HOPS = 1000;

/** Follows old ids for those who may end the session that they lead to. */
export class SuccessorTrail {
  constructor(
    private readonly store: SessionStore,
    private readonly rows: SealedRows,
    private readonly tombstones: Tombstones,
    private readonly converted: ConvertedRows,
  ) {}

  /** Ends the row, and follows it to its successors: the row may have moved since the caller loaded it. The successor of an
   *  anonymous session that logged in is not its holder's to end. With `subject`, it ends only a session of that subject.
   *  Resolves to true if one has ended by that. */
  async end(
    entry: Identity & { readonly migratableUntil?: number },
    subject?: string,
    until?: number,
  ): Promise<boolean> {
    let { key } = entry;
    const isNamed = !('record' in entry); // a stranger may have computed the key of a mark
    const { deadline } = extendUntilMigration(this.tombstones.ofEnded(), entry);
    for (let hop = 0; hop <= MAX_OWN_HOPS; hop++) {
      if ((isNamed || subject !== undefined) && (await this.isAnothers(key, subject))) return false;
      if (await this.store.destroy(key, deadline, until)) return true;
      const row = await this.store.load(key);
      const next = row && (await this.successorKey(row));
      if (!next) return false;
      key = next;
    }
    return false;
  }

  /** Returns the key of the session that `key` leads to now: `key` itself, or a successor's. */
  keyNow(key: Buffer): Promise<Buffer> {
    return this.lastRow(key).then((last) => last.key);
  }

  /** Follows an old id for its holder, who may end its successor, to the last row that there is. */
  async lastRow(key: Buffer): Promise<{ key: Buffer; row: LoadedRow | undefined }> {
    for (let hop = 0; ; hop++) {
      const row = await this.store.load(key);
      const next = row && hop < MAX_OWN_HOPS ? await this.successorKey(row) : undefined;
      if (!next) return { key, row };
      key = next;
    }
  }

  /** Returns the key of the successor that the holder of an old id may end; `undefined` if there is none. */
  private async successorKey(row: LoadedRow): Promise<Buffer | undefined> {
    const pointer = await this.tombstones.anyPointer(row);
    return pointer && pointer.kind !== 'login' ? ReferenceTokens.rowKey(pointer.token) : undefined;
  }

  /** True if the row holds a mark, or with `subject` a live or converted session that is not the subject's. Its column is not
   *  trusted. */
  private async isAnothers(key: Buffer, subject: string | undefined): Promise<boolean> {
    const row = await this.store.load(key);
    if (row?.state !== 'live') return false;
    if (subject === undefined) return isMark(row);
    const found = await this.rows.read({ key }, row, false);
    if (found.kind === 'live') return found.entry.record.subject !== subject;
    const converted = await this.converted.open(row);
    return typeof converted === 'string' || converted.subject !== subject;
  }
}
