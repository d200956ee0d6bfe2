import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SESSION_ID_LENGTH } from '../../envelope/frame.js';
import type { RejectReason } from '../../errors/envelope.error.js';
import { SessionStateError, SessionTooLargeError } from '../../errors/session-state.error.js';
import type { OpenedRecord, RecordCodec } from '../../persistence/record-codec.interface.js';
import type { CodecParts } from '../../persistence/session-format.interface.js';
import { bytesByKey, type SessionRecord } from '../../record/session-record.js';
import { loginToSeal, subjectOf, type FormAuth } from '../auth/form-auth.js';
import type { ApacheEnvelope } from '../sealing/apache.envelope.js';
import type { PassphraseRing } from '../sealing/passphrase-ring.js';
import { decodeBlob } from '../sealing/sealed-blob.js';
import { NATIVE_KEY, readNativeEntry, writeNativeEntry, type NativeEntry } from './native-entry.js';
import {
  checkKeys,
  entriesOf,
  findNativeEntry,
  jsonKeysOf,
  readData,
  type OriginalSession,
  type OriginalText,
} from './session-entries.js';
import { deadlineOf, expiryOf, fixedExpiryOf, MICROSECONDS } from './session-expiry.js';
import {
  formatSessionText,
  MAX_SESSION_ENTRIES,
  parseSessionText,
  type SessionText,
  type SessionTextOptions,
} from './session-text.js';

/** The objects that a codec works with. */
export interface ApacheCodecParts extends CodecParts {
  readonly envelope: ApacheEnvelope;
  readonly keys: { readonly ring: PassphraseRing };
  readonly rules: NonNullable<SessionTextOptions['rules']>;
  readonly auth: FormAuth | undefined;
}

/** A session that httpd began has no values in JSON. */
const NO_JSON: ReadonlySet<string> = new Set();

/** Seals session records as httpd does: a session text under mod_session_crypto. The parts of a record that httpd has no
 *  entry for go into one more entry, see native-entry.ts. */
export class ApacheCodec implements RecordCodec {
  /** The base64 length of MAC and salt. */
  readonly shortest = 32;

  constructor(private readonly parts: ApacheCodecParts) {}

  /** Throws or rejects with a SessionTooLargeError, with the bytes of each key, if the text exceeds the payload limit or the
   *  sealed value exceeds `limit` characters. */
  seal(record: SessionRecord, limit: number): Awaitable<string> {
    const text = this.textOf(record);
    if (text.length > this.parts.payloadLimit)
      throw new SessionTooLargeError(text.length, this.parts.payloadLimit, bytesByKey(record));
    return andThen(this.parts.envelope.seal(text), (sealed) => {
      if (sealed.length > limit) throw new SessionTooLargeError(sealed.length, limit, bytesByKey(record));
      return sealed;
    });
  }

  /** Returns the record, or the reason why there is none. Rejects with a SessionStoreError if `auth.verify` fails. */
  open(text: string): Awaitable<OpenedRecord | RejectReason> {
    return andThen(this.parts.envelope.open(text), (opened) => {
      if (!opened) return 'tag';
      if (opened.plaintext.length > this.parts.payloadLimit) return 'payload';
      return this.read(opened.plaintext, opened.stale);
    });
  }

  /** Returns the base64 as this package writes it. httpd accepts other spellings: it reads with or without padding, and up
   *  to the first character that is not base64. */
  canonical(text: string): string {
    return decodeBlob(text).toString('base64');
  }

  /** Throws a SessionStateError that names a key which httpd cannot carry. */
  check({ data, foreign }: SessionRecord): void {
    checkKeys(data, foreign as OriginalText | undefined);
  }

  /** Returns the `expiry` to write for a record, in microseconds since 1970, or `undefined` for none. */
  expiryOf(record: SessionRecord): bigint | undefined {
    return expiryOf(record, this.parts.timeouts);
  }

  /** Reads a session text that was authentic. Its `expiry` counts even if no timeout is configured here. */
  private read(plaintext: Buffer, stale: boolean): Awaitable<OpenedRecord | RejectReason> {
    const parsed = this.parse(plaintext);
    if (!parsed) return 'payload';
    const now = this.parts.now();
    const end = parsed.expiry === undefined ? undefined : Number(parsed.expiry) / MICROSECONDS;
    if (end !== undefined && end <= now) return 'expired';
    const native = this.nativeOf(parsed);
    const { data, original } = readData(parsed, native?.json ?? NO_JSON);
    const record = this.recordOf(native, end, now, data);
    const fixedExpiry = fixedExpiryOf(parsed.expiry, native && record, this.parts.timeouts);
    return andThen(subjectOf(this.parts.auth, data, native?.subject), (subject) => {
      const login = { subject, nativeSubject: native?.subject, authenticatedAt: record.authenticatedAt };
      const foreign: OriginalSession = { ...original, fixedExpiry, login };
      return {
        record: { ...record, deadline: deadlineOf(fixedExpiry), subject, foreign },
        stale: stale || (!native && this.hasClocks && original.entries.length > 0),
        expiresAt: end === undefined ? undefined : Math.floor(end),
      };
    });
  }

  /** True if a timeout is configured. A session that httpd began is stale then: its clocks start when this side writes it
   *  for the first time. */
  private get hasClocks(): boolean {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return idleTimeout > 0 || absoluteTimeout > 0;
  }

  /** Returns `undefined` for a text with too many entries: untrusted bytes never cause an exception. */
  private parse(plaintext: Buffer): SessionText | undefined {
    try {
      return parseSessionText(plaintext, { rules: this.parts.rules });
    } catch {
      return undefined;
    }
  }

  /** Returns the native entry if its MAC is right under any passphrase of the ring. */
  private nativeOf(text: SessionText): NativeEntry | undefined {
    const entry = findNativeEntry(text);
    const keys = this.parts.keys.ring.keys.map(({ native }) => native);
    return entry && readNativeEntry(keys, entry.value);
  }

  /** Builds a record from the native entry, if there is one. httpd moves `expiry` whenever it saves, so with an idle timeout
   *  the last use of the session follows from it: `end` minus the timeout. */
  private recordOf(
    native: NativeEntry | undefined,
    end: number | undefined,
    now: number,
    data: SessionRecord['data'],
  ): SessionRecord {
    const { idleTimeout } = this.parts.timeouts;
    const usedAt =
      end !== undefined && idleTimeout ? Math.floor(end) - idleTimeout : (native?.lastSeenAt ?? now);
    const lastSeenAt = Math.max(native?.idIssuedAt ?? 0, Math.min(now, usedAt), 0);
    return {
      id: native?.id ?? randomPoolBytes(SESSION_ID_LENGTH),
      idIssuedAt: native?.idIssuedAt ?? lastSeenAt,
      lastSeenAt,
      deadline: 0,
      idleTimeout: 0,
      authenticatedAt: native?.authenticatedAt ?? 0,
      generation: native?.generation ?? 0,
      epoch: 0,
      subject: undefined,
      data,
      flash: native?.flash ?? {},
      csrfSeed: native?.csrfSeed,
      createdAt: native?.createdAt ?? lastSeenAt,
    };
  }

  /** Returns the session text of a record, unencrypted. Throws a SessionStateError if there are too many entries. */
  private textOf(record: SessionRecord): string {
    const original = record.foreign as OriginalSession | undefined;
    const { data, subject } = loginToSeal(this.parts.auth, record, original?.login);
    const key = this.parts.keys.ring.keys[0]!.native;
    const native = writeNativeEntry(key, { ...record, subject }, jsonKeysOf(data));
    const entries = [
      ...entriesOf(data, original),
      { key: Buffer.from(NATIVE_KEY), value: Buffer.from(native) },
    ];
    if (entries.length > MAX_SESSION_ENTRIES)
      throw new SessionStateError(
        'ERR_SESSION_TOO_LARGE',
        `The session has ${entries.length} entries; allowed are at most ${MAX_SESSION_ENTRIES}`,
      );
    return formatSessionText(entries, this.expiryOf(record));
  }
}
