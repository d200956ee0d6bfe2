import { after, type Awaitable } from '../crypto/index.js';
import {
  decodeBase64url,
  encodeBase64url,
  ENVELOPE_OVERHEAD,
  NO_ROW,
  type Envelope,
  type EnvelopeContext,
} from '../envelope/index.js';
import { SessionTooLargeError, type RejectReason } from '../errors/index.js';
import type { OpenedRecord, RecordCodec } from './record-codec.interface.js';
import { bytesByKey, decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';

/** Our own form of a session as a text: base64url of an envelope, bound to the cookie's name or to a row. */
export class NativeCodec implements RecordCodec {
  readonly shortest = Math.ceil((ENVELOPE_OVERHEAD * 4) / 3);

  constructor(
    private readonly envelope: Envelope,
    private readonly context: EnvelopeContext,
    private readonly payloadLimit: number,
    private readonly row: Buffer = NO_ROW,
  ) {}

  seal(record: SessionRecord, limit: number): Awaitable<string> {
    const plaintext = encodeRecord(record, this.payloadLimit);
    const size = Math.ceil(((plaintext.length + ENVELOPE_OVERHEAD) * 4) / 3);
    if (size > limit) throw new SessionTooLargeError(size, limit, bytesByKey(record));
    return after(this.envelope.seal(plaintext, this.context, this.row), encodeBase64url);
  }

  open(text: string): Awaitable<OpenedRecord | RejectReason> {
    const sealed = decodeBase64url(text);
    if (!sealed) return 'encoding';
    return after(this.envelope.open(sealed, this.context, this.row), (opened) => {
      if (typeof opened === 'string') return opened;
      const record = decodeRecord(opened.plaintext, this.payloadLimit);
      return typeof record === 'string' ? record : { record, stale: opened.stale };
    });
  }
}
