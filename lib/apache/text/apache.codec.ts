import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SESSION_ID_LENGTH } from '../../envelope/frame.js';
import { SessionStateError, SessionTooLargeError } from '../../errors/session-state.error.js';
import type { RejectReason } from '../../errors/envelope.error.js';
import { bytesByKey, type SessionRecord } from '../../record/session-record.js';
import { endOf, NEVER } from '../../record/session-lifetime.js';
import type { CodecParts } from '../../persistence/session-format.interface.js';
import type { OpenedRecord, RecordCodec } from '../../persistence/record-codec.interface.js';
import type { ApacheRing } from '../sealing/apache-ring.js';
import type { ApacheEnvelope } from '../sealing/apache.envelope.js';
import { subjectOf, writtenLogin, type FormAuth } from '../auth/form-auth.js';
import { decodeBlob } from '../sealing/sealed-blob.js';
import { OWN_KEY, readOwnEntry, writeOwnEntry, type OwnEntry } from './own-entry.js';
import {
  checkKeys,
  entriesOf,
  jsonKeysOf,
  ownEntryOf,
  showText,
  type KeptSession,
  type KeptText,
} from './session-entries.js';
import {
  formatSessionText,
  MAX_SESSION_ENTRIES,
  parseSessionText,
  type SessionText,
  type SessionTextOptions,
} from './session-text.js';

export interface ApacheCodecParts extends CodecParts {
  readonly envelope: ApacheEnvelope;
  readonly keys: { readonly ring: ApacheRing };
  readonly rules: NonNullable<SessionTextOptions['rules']>;
  readonly auth: FormAuth | undefined;
}

const MICROSECONDS = 1_000_000;
const NO_JSON: ReadonlySet<string> = new Set();

/** A session as httpd keeps it: entries of text under mod_session_crypto, our own part in one entry more. */
export class ApacheCodec implements RecordCodec {
  /** Tag and salt in base64. */
  readonly shortest = 32;

  constructor(private readonly parts: ApacheCodecParts) {}

  seal(record: SessionRecord, limit: number): Awaitable<string> {
    const text = this.textOf(record);
    if (text.length > this.parts.payloadLimit)
      throw new SessionTooLargeError(text.length, this.parts.payloadLimit, bytesByKey(record));
    return andThen(this.parts.envelope.seal(text), (sealed) => {
      if (sealed.length > limit) throw new SessionTooLargeError(sealed.length, limit, bytesByKey(record));
      return sealed;
    });
  }

  open(text: string): Awaitable<OpenedRecord | RejectReason> {
    return andThen(this.parts.envelope.open(text), (opened) => {
      if (!opened) return 'tag';
      if (opened.plaintext.length > this.parts.payloadLimit) return 'payload';
      return this.read(opened.plaintext, opened.stale);
    });
  }

  /** httpd reads base64 with or without padding, and up to the first character that is none. */
  canonical(text: string): string {
    return decodeBlob(text).toString('base64');
  }

  check({ data, foreign }: SessionRecord): void {
    checkKeys(data, foreign as KeptText | undefined);
  }

  private read(plaintext: Buffer, stale: boolean): Awaitable<OpenedRecord | RejectReason> {
    const parsed = this.parse(plaintext);
    if (!parsed) return 'payload';
    const now = this.parts.now();
    const end = parsed.expiry === undefined ? undefined : Number(parsed.expiry) / MICROSECONDS;
    if (end !== undefined && end <= now) return 'expired';
    const entry = ownEntryOf(parsed);
    const own =
      entry &&
      readOwnEntry(
        this.parts.keys.ring.keys.map((key) => key.own),
        entry.value,
      );
    const { data, kept } = showText(parsed, own?.json ?? NO_JSON);
    const record = this.recordOf(own, end, now, data);
    const limit = this.limitOf(parsed.expiry, own && record);
    const { authenticatedAt } = record;
    return andThen(subjectOf(this.parts.auth, data, own?.subject), (subject) => ({
      record: {
        ...record,
        deadline: deadlineOf(limit),
        subject,
        foreign: {
          ...kept,
          limit,
          login: { subject, own: own?.subject, authenticatedAt },
        } satisfies KeptSession,
      },
      stale: stale || (!own && this.hasClocks && kept.entries.length > 0),
      expiresAt: end === undefined ? undefined : Math.floor(end),
    }));
  }

  /** Where httpd began a session, the clocks begin when we write it for the first time. */
  private get hasClocks(): boolean {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return idleTimeout > 0 || absoluteTimeout > 0;
  }

  /** Absent where there are more entries than we take: nothing that comes from outside throws. */
  private parse(plaintext: Buffer): SessionText | undefined {
    try {
      return parseSessionText(plaintext, { rules: this.parts.rules });
    } catch {
      return undefined;
    }
  }

  /** The end that somebody else has set, where no idle timeout of ours sets it anew. */
  private limitOf(expiry: bigint | undefined, ours: SessionRecord | undefined): bigint | undefined {
    const { timeouts } = this.parts;
    if (expiry === undefined || timeouts.idleTimeout) return undefined;
    return ours && expiry === microseconds(endOf(ours, timeouts)) ? undefined : expiry;
  }

  /** Where httpd began the session its clocks are taken from `expiry`, which it sets anew whenever it saves. */
  private recordOf(
    own: OwnEntry | undefined,
    end: number | undefined,
    now: number,
    data: SessionRecord['data'],
  ): SessionRecord {
    const { idleTimeout } = this.parts.timeouts;
    const begun = own?.idIssuedAt ?? 0;
    const said = end !== undefined && idleTimeout ? Math.floor(end) - idleTimeout : (own?.lastSeenAt ?? now);
    const lastSeenAt = Math.max(begun, Math.min(now, said), 0);
    return {
      id: own?.id ?? randomPoolBytes(SESSION_ID_LENGTH),
      idIssuedAt: own?.idIssuedAt ?? lastSeenAt,
      lastSeenAt,
      deadline: 0,
      idleTimeout: 0,
      authenticatedAt: own?.authenticatedAt ?? 0,
      generation: own?.generation ?? 0,
      epoch: 0,
      subject: undefined,
      data,
      flash: own?.flash ?? {},
      csrfSeed: own?.csrfSeed,
      createdAt: own?.createdAt ?? lastSeenAt,
    };
  }

  private textOf(record: SessionRecord): string {
    const kept = record.foreign as KeptSession | undefined;
    const { data, subject } = writtenLogin(this.parts.auth, record, kept?.login);
    const own = writeOwnEntry(this.parts.keys.ring.keys[0]!.own, { ...record, subject }, jsonKeysOf(data));
    const entries = [...entriesOf(data, kept), { key: Buffer.from(OWN_KEY), value: Buffer.from(own) }];
    if (entries.length > MAX_SESSION_ENTRIES)
      throw new SessionStateError(
        'ERR_SESSION_TOO_LARGE',
        `A session of more than ${MAX_SESSION_ENTRIES} entries`,
      );
    return formatSessionText(entries, this.expiryOf(record));
  }

  /** Microseconds; the end that somebody else has set counts where no idle timeout of ours does. */
  expiryOf(record: SessionRecord): bigint | undefined {
    const end = endOf(record, this.parts.timeouts);
    const ours = end === NEVER ? undefined : microseconds(end);
    const theirs = (record.foreign as KeptSession | undefined)?.limit;
    if (ours === undefined || theirs === undefined || this.parts.timeouts.idleTimeout) return ours ?? theirs;
    return ours < theirs ? ours : theirs;
  }
}

const microseconds = (seconds: number): bigint => BigInt(seconds) * BigInt(MICROSECONDS);

/** Whole seconds, not before the moment that the text says; 0 for none, or for one that is too far away. */
function deadlineOf(limit: bigint | undefined): number {
  const seconds = limit === undefined ? 0 : Math.ceil(Number(limit) / MICROSECONDS);
  return seconds < NEVER ? seconds : 0;
}
