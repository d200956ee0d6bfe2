import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { isAlive, type SessionTimeouts } from '../record/session-lifetime.js';
import type { OpenedRecord, RecordCodec } from './record-codec.interface.js';
import type { SessionRecord } from '../record/session-record.js';
import { refusedText } from './refused-text.js';
import { none } from './sealed-rows.js';
import { probed, type SessionProbes } from './session-probes.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  MoveKind,
  SessionRepository,
} from './session-repository.interface.js';

/** Octets of name and value that a browser keeps (RFC 6265bis §5.6). */
const COOKIE_LIMIT = 4096;

/** Everything that a CookieRepository works with. */
export interface CookieRepositoryParts {
  /** The cookie's name. */
  readonly cookie: string;
  readonly codec: RecordCodec;
  readonly timeouts: SessionTimeouts;
  now(): number;
  readonly probes?: SessionProbes | undefined;
}

/** The repository of sessions that the cookie holds itself. Nothing is looked up, and the server can neither merge
 *  nor end such a session. RevocableRepository can end it. */
export class CookieRepository implements SessionRepository {
  readonly onServer = false;
  readonly followsOldIds = false;
  private readonly textLimit: number;

  constructor(protected readonly parts: CookieRepositoryParts) {
    this.textLimit = COOKIE_LIMIT - Buffer.byteLength(parts.cookie);
  }

  now(): number {
    return this.parts.now();
  }

  identity(record: SessionRecord): Identity {
    return { key: record.id };
  }

  /** Opens the sealed cookie. Its length is checked before any work. */
  open(text: string): Awaitable<SessionLookup> {
    const { codec } = this.parts;
    if (text.length > this.textLimit || text.length < codec.shortest)
      return refusedText(codec, text, 'length');
    return andThen(codec.open(text), (opened) =>
      typeof opened === 'string' ? refusedText(codec, text, opened) : this.found(opened, text),
    );
  }

  /** Returns the session as it is known: there is nothing on the server to read again. */
  reload(entry: StoredSession): Awaitable<SessionLookup> {
    return { kind: 'live', entry, now: this.now() };
  }

  create(_identity: Identity, record: SessionRecord): Awaitable<StoredSession> {
    return this.seal(record);
  }

  replace(_entry: StoredSession, record: SessionRecord): Awaitable<StoredSession | undefined> {
    return this.seal(record);
  }

  move(
    _entry: StoredSession,
    _to: Identity,
    record: SessionRecord,
    _kind: MoveKind,
  ): Awaitable<StoredSession | undefined> {
    return this.seal(record);
  }

  touch(_entry: StoredSession, record: SessionRecord): Awaitable<StoredSession | undefined> {
    return this.seal(record);
  }

  /** Does nothing: the browser forgets the cookie, and the server knows nothing of it. */
  end(_identity: Identity, _subject?: string): Awaitable<boolean | void> {}

  /** Returns the sealed text itself. */
  cookieValue(entry: StoredSession): string {
    return entry.text!;
  }

  /** Takes over a session of a foreign format. Nothing on the server remembers that it came, so a copy of its cookie
   *  can come again. */
  migrate(
    _origin: Buffer,
    load: () => Awaitable<SessionRecord | undefined>,
    migratableUntil: number,
  ): Awaitable<SessionLookup> {
    return andThen(load(), (record): SessionLookup => {
      if (!record) return none('expired');
      const entry = {
        key: record.id,
        version: 0,
        record,
        stale: true,
        cookieOutdated: true,
        migratableUntil,
      };
      return { kind: 'live', entry, now: this.now() };
    });
  }

  check(record: SessionRecord): void {
    this.parts.codec.check?.(record);
  }

  protected found({ record, stale }: OpenedRecord, text: string): Awaitable<SessionLookup> {
    const now = this.now();
    if (!isAlive(record, now, this.parts.timeouts)) return none('expired');
    return {
      kind: 'live',
      now,
      entry: { key: record.id, version: 0, record, stale, cookieOutdated: false, text },
    };
  }

  protected seal(record: SessionRecord): Awaitable<StoredSession> {
    const { codec, probes } = this.parts;
    const end = probes?.begin('seal');
    const sealed = end
      ? probed(end, () => codec.seal(record, this.textLimit))
      : codec.seal(record, this.textLimit);
    return andThen(sealed, (text) => ({
      key: record.id,
      version: 0,
      record,
      stale: false,
      cookieOutdated: true,
      text,
    }));
  }
}
