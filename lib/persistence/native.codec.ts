import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { hintInText } from '../crypto/key-hint.js';
import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import { ENVELOPE_OVERHEAD, type Envelope } from '../envelope/envelope.js';
import { NO_ROW, type EnvelopeContext } from '../envelope/envelope-context.js';
import { SessionTooLargeError } from '../errors/session-state.error.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { OpenedRecord, RecordCodec } from './record-codec.interface.js';
import { bytesByKey, decodeRecord, encodeRecord, type SessionRecord } from '../record/session-record.js';

/** The native format of a session as a text: base64url of an envelope, bound to the cookie's name or to a row. */
export class NativeCodec implements RecordCodec {
  readonly shortest = Math.ceil((ENVELOPE_OVERHEAD * 4) / 3);

  constructor(
    private readonly envelope: Envelope,
    private readonly context: EnvelopeContext,
    private readonly payloadLimit: number,
    private readonly row: Buffer = NO_ROW,
  ) {}

  get hasKeys(): boolean {
    return this.envelope.hasKeys;
  }

  seal(record: SessionRecord, limit: number): Awaitable<string> {
    const plaintext = encodeRecord(record, this.payloadLimit);
    const size = Math.ceil(((plaintext.length + ENVELOPE_OVERHEAD) * 4) / 3);
    if (size > limit) throw new SessionTooLargeError(size, limit, bytesByKey(record));
    return andThen(this.envelope.seal(plaintext, this.context, this.row), encodeBase64url);
  }

  hintOf(text: string, reason: RejectReason): string | undefined {
    return hintInText(text, reason);
  }

  open(text: string): Awaitable<OpenedRecord | RejectReason> {
    const sealed = decodeBase64url(text);
    if (!sealed) return 'encoding';
    return andThen(this.envelope.open(sealed, this.context, this.row), (opened) => {
      if (typeof opened === 'string') return opened;
      const record = decodeRecord(opened.plaintext, this.payloadLimit);
      return typeof record === 'string' ? record : { record, stale: opened.stale };
    });
  }
}
