import type { Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { SessionRecord } from '../record/session-record.js';

/** A record that was authentic. */
export interface OpenedRecord {
  readonly record: SessionRecord;
  /** Sealed by another key or cipher than the one that seals now. */
  readonly stale: boolean;
  /** Seconds since 1970 at which the text itself says that it ends; absent where it does not say. */
  readonly expiresAt?: number | undefined;
}

/** Seals records into texts and opens them: what a cookie holds, or a column of a foreign table. */
export interface RecordCodec {
  /** Characters of the shortest text that can be one. */
  readonly shortest: number;
  /** The sealed text. Throws a SessionTooLargeError when it would have more than `limit` characters. */
  seal(record: SessionRecord, limit: number): Awaitable<string>;
  /** The record, or why the text is none of ours. */
  open(text: string): Awaitable<OpenedRecord | RejectReason>;
  /** The one spelling of a text that can be spelled in several ways, so that it is known again. */
  canonical?(text: string): string;
  /** Throws a SessionStateError that names what of a changed record cannot be written. */
  check?(record: SessionRecord): void;
}
