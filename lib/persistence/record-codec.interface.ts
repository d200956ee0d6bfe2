import type { Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { SessionRecord } from '../record/session-record.js';

/** A record from an authentic text. */
export interface OpenedRecord {
  readonly record: SessionRecord;
  /** True if another key or cipher sealed it than the one that seals now. */
  readonly stale: boolean;
  /** Seconds since 1970 at which the text itself says that it ends; absent where it says nothing. */
  readonly expiresAt?: number | undefined;
}

/** Seals records into texts and opens them. A cookie or a column of a foreign table holds the text. */
export interface RecordCodec {
  /** The number of characters of the shortest text that can open. */
  readonly shortest: number;
  /** False while there is no key that could open a text. Absent where there always is one. */
  readonly hasKeys?: boolean;
  /** Returns the sealed text. Throws a SessionTooLargeError if it would have more than `limit` characters. */
  seal(record: SessionRecord, limit: number): Awaitable<string>;
  /** Returns the record, or the reason why the text does not open. It never throws because of the text. */
  open(text: string): Awaitable<OpenedRecord | RejectReason>;
  /** Returns the one canonical spelling of a text that can be spelled in several ways, so that it is recognised. */
  canonical?(text: string): string;
  /** Returns the key hint that a text names which did not open for this reason. Absent where a text names no key. */
  hintOf?(text: string, reason: RejectReason): string | undefined;
  /** Throws a SessionStateError that names the value which this format cannot write. */
  check?(record: SessionRecord): void;
}
