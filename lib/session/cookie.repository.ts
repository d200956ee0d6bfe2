import { after, type Awaitable } from '../crypto/index.js';
import {
  decodeBase64url,
  encodeBase64url,
  ENVELOPE_OVERHEAD,
  NO_ROW,
  type Envelope,
  type EnvelopeContext,
} from '../envelope/index.js';
import { SessionTooLargeError } from '../errors/index.js';
import { isAlive, type SessionTimeouts } from './session-lifetime.js';
import { bytesByKey, decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';
import type { Entry, Found, Identity, SessionRepository } from './session-repository.interface.js';

/** Octets of name and value that a browser keeps (RFC 6265bis §5.6). */
const COOKIE_LIMIT = 4096;
const SHORTEST_TEXT = Math.ceil((ENVELOPE_OVERHEAD * 4) / 3);

export interface CookieRepositoryParts {
  readonly envelope: Envelope;
  readonly context: EnvelopeContext;
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  now(): number;
}

/** The cookie is the session: nothing to look up, nothing to guard, nothing to end on the server. */
export class CookieRepository implements SessionRepository {
  readonly onServer = false;
  private readonly textLimit: number;

  constructor(private readonly parts: CookieRepositoryParts) {
    this.textLimit = COOKIE_LIMIT - Buffer.byteLength(parts.context.items.name);
  }

  now(): number {
    return this.parts.now();
  }

  identity(record: SessionRecord): Identity {
    return { key: record.id };
  }

  open(text: string): Awaitable<Found> {
    if (text.length > this.textLimit || text.length < SHORTEST_TEXT) return garbage('length');
    const sealed = decodeBase64url(text);
    if (!sealed) return garbage('encoding');
    return after(this.parts.envelope.open(sealed, this.parts.context, NO_ROW), (opened): Found => {
      if (typeof opened === 'string') return garbage(opened);
      const record = decodeRecord(opened.plaintext, this.parts.payloadLimit);
      if (typeof record === 'string') return garbage(record);
      const now = this.now();
      if (!isAlive(record, now, this.parts.timeouts)) return { kind: 'none', reason: 'expired', ours: true };
      return {
        kind: 'live',
        now,
        entry: { key: record.id, version: 0, record, stale: opened.stale, resend: false, text },
      };
    });
  }

  reload(entry: Entry): Found {
    return { kind: 'live', entry, now: this.now() };
  }

  create(_identity: Identity, record: SessionRecord): Awaitable<Entry> {
    return this.seal(record);
  }

  replace(_entry: Entry, record: SessionRecord): Awaitable<Entry> {
    return this.seal(record);
  }

  move(_entry: Entry, _to: Identity, record: SessionRecord): Awaitable<Entry> {
    return this.seal(record);
  }

  touch(_entry: Entry, record: SessionRecord): Awaitable<Entry> {
    return this.seal(record);
  }

  end(): void {}

  cookieValue(entry: Entry): string {
    return entry.text!;
  }

  private seal(record: SessionRecord): Awaitable<Entry> {
    const plaintext = encodeRecord(record, this.parts.payloadLimit);
    const size = Math.ceil(((plaintext.length + ENVELOPE_OVERHEAD) * 4) / 3);
    if (size > this.textLimit) throw new SessionTooLargeError(size, this.textLimit, bytesByKey(record));
    return after(this.parts.envelope.seal(plaintext, this.parts.context, NO_ROW), (sealed) => ({
      key: record.id,
      version: 0,
      record,
      stale: false,
      resend: true,
      text: encodeBase64url(sealed),
    }));
  }
}

const garbage = (reason: (Found & { kind: 'none' })['reason']): Found => ({
  kind: 'none',
  reason,
  ours: false,
});
