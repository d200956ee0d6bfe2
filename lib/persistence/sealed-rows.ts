import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { hintIn } from '../crypto/key-hint.js';
import type { Envelope } from '../envelope/envelope.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import type { RejectReason } from '../errors/envelope.error.js';
import {
  endOf,
  isAlive,
  rowDeadline,
  toDate,
  toSeconds,
  type SessionTimeouts,
} from '../record/session-lifetime.js';
import { decodeRecord, encodeRecord, type SessionRecord } from '../record/session-record.js';
import type { LoadedRow, SessionRow } from '../stores/session-store.interface.js';
import { probed, type SessionProbes } from './session-probes.js';
import type { Identity, SessionLookup, StoredSession } from './session-repository.interface.js';

/** Everything that {@link SealedRows} works with. */
export interface SealedRowsParts {
  readonly envelope: Envelope;
  /** The context of the sealed rows: purpose `session`. */
  readonly context: EnvelopeContext;
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  readonly probes?: SessionProbes | undefined;
  /** Maps the store's time to the time that counts; tests shift it. */
  clock(actual: Date): Date;
}

/** Seals records into rows, and opens rows. */
export class SealedRows {
  constructor(private readonly parts: SealedRowsParts) {}

  /** Opens a live row and judges its clocks. */
  read(identity: Identity, row: LoadedRow, cookieOutdated: boolean): Awaitable<SessionLookup> {
    const { envelope, context, payloadLimit, timeouts } = this.parts;
    return andThen(envelope.open(row.sealed, context, row.key), (opened): SessionLookup => {
      if (typeof opened === 'string') return none(opened, hintIn(row.sealed, opened));
      const record = decodeRecord(opened.plaintext, payloadLimit);
      if (typeof record === 'string') return none(record);
      const now = toSeconds(this.parts.clock(row.now));
      if (!isAlive(record, now, timeouts)) return none('expired');
      return {
        kind: 'live',
        now,
        entry: storedSession(identity, row.version, record, cookieOutdated, opened.stale),
      };
    });
  }

  /** Returns when the session of a live row ends, and the time that counts, in seconds since 1970; `undefined` for a row that
   *  does not open. */
  endOf(row: LoadedRow): Awaitable<{ end: number; now: number } | undefined> {
    const { envelope, context, payloadLimit, timeouts } = this.parts;
    return andThen(envelope.open(row.sealed, context, row.key), (opened) => {
      const record = typeof opened === 'string' ? opened : decodeRecord(opened.plaintext, payloadLimit);
      if (typeof record === 'string') return undefined;
      return { end: endOf(record, timeouts), now: toSeconds(this.parts.clock(row.now)) };
    });
  }

  /** Seals a record into its row and passes the row to `use`. Rejects where sealing throws. */
  seal<T>(key: Buffer, record: SessionRecord, use: (row: SessionRow) => Promise<T>): Promise<T> {
    try {
      const end = this.parts.probes?.begin('seal');
      const sealed = end ? probed(end, () => this.sealed(key, record)) : this.sealed(key, record);
      return sealed instanceof Promise
        ? sealed.then((bytes) => use(this.row(key, record, bytes)))
        : use(this.row(key, record, sealed));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private sealed(key: Buffer, record: SessionRecord): Awaitable<Buffer> {
    const { envelope, context, payloadLimit } = this.parts;
    return envelope.seal(encodeRecord(record, payloadLimit), context, key);
  }

  private row(key: Buffer, record: SessionRecord, sealed: Buffer): SessionRow {
    return {
      key,
      sealed,
      subject: record.subject,
      createdAt: toDate(record.createdAt),
      lastSeenAt: toDate(record.lastSeenAt),
      deadline: rowDeadline(record, this.parts.timeouts),
    };
  }
}

/** Makes a stored session. It is written out because V8 takes a slow path for a spread that adds keys. */
export function storedSession(
  { key, token }: Identity,
  version: number,
  record: SessionRecord,
  cookieOutdated: boolean,
  stale = false,
): StoredSession {
  return { key, token, version, record, stale, cookieOutdated };
}

/** Returns a lookup without a session whose token is authentic. */
export const none = (reason: RejectReason, hint?: string): SessionLookup => ({
  kind: 'none',
  reason,
  ours: true,
  ...(hint !== undefined && { hint }),
});
