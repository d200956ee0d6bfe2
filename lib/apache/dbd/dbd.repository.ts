import { SessionStateError } from '../../errors/session-state.error.js';
import type { ForeignParts } from '../../persistence/foreign-store.interface.js';
import type {
  Identity,
  MoveKind,
  SessionLookup,
  SessionRepository,
  StoredSession,
} from '../../persistence/session-repository.interface.js';
import { OutcomeUnknownError, settleWrite } from '../../persistence/settle-write.js';
import { isAlive } from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { ApacheCodec } from '../text/apache.codec.js';
import type { DbdRows } from './dbd-rows.interface.js';
import { identityOf, isUserKey, isUuid, keyOf, newIdentity } from './row-key.js';

/** The objects that a repository works with. */
export interface DbdRepositoryParts extends ForeignParts {
  readonly codec: ApacheCodec;
}

/** A text that is written under a key. */
interface RowText {
  readonly key: string;
  readonly text: string;
  /** The text in whose place it comes, if there is one. */
  readonly old?: string | undefined;
  /** Nothing is written after this moment of `performance.now()`. */
  readonly until: number | undefined;
}

/** Finds and saves sessions in the table of mod_session_dbd. A save succeeds only if the row still has the value that was
 *  read; otherwise the committer reads the row again and merges. httpd itself overwrites rows without such a check. An old
 *  key does not lead to its successor, because httpd knows no tombstones. */
export class DbdRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = false;
  readonly changesIdOnSave: boolean;

  constructor(
    private readonly rows: DbdRows,
    private readonly parts: DbdRepositoryParts,
  ) {
    this.changesIdOnSave = rows.changesKeyOnSave && !rows.identify;
  }

  /** Whole seconds since 1970 by the database's clock. */
  now(): number {
    return this.parts.now();
  }

  identity(): Identity {
    return newIdentity();
  }

  /** Finds the session that a cookie names by its UUID, or that belongs to the user `text` (`perUser`). A user's session keeps
   *  its key for life, so it is pinned. Returns `none` for any other text without a query. */
  async open(text: string): Promise<SessionLookup> {
    const byUser = this.rows.identify !== undefined;
    if (!(byUser ? isUserKey(text) : isUuid(text))) return none('encoding');
    const found = await this.find(identityOf(text));
    return byUser && found.kind !== 'ended' ? { ...found, pinnedIdentity: identityOf(text) } : found;
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.find(entry);
  }

  /** Throws a SessionStateError with 409 if another request has begun the session of this user meanwhile. */
  async create(identity: Identity, record: SessionRecord, until?: number): Promise<StoredSession> {
    const text = await this.parts.codec.seal(record, Infinity);
    const expiry = this.expiryOf(record);
    const key = keyOf(identity);
    const create = () => this.rows.insert(key, text, expiry, until);
    const insert = () => this.write('create', create, { key, text, until });
    if (!(await insert()) && !(await this.replaceDead(identity, insert, text, expiry, until)))
      throw new SessionStateError(
        'ERR_SESSION_CONFLICT',
        'Another request has begun the session of this user; repeat the request',
      );
    return entryOf(identity, record, text, true);
  }

  /** Replaces a row that holds no session: it has expired, httpd has emptied it, or no known key opens it. Returns false if
   *  the row holds a live session. */
  private async replaceDead(
    identity: Identity,
    insert: () => Promise<boolean>,
    text: string,
    expiry: bigint,
    until: number | undefined,
  ): Promise<boolean> {
    const { rows, parts } = this;
    const key = keyOf(identity);
    await parts.watch('destroy', () => rows.deleteDead(key));
    const old = await parts.watch('load', () => rows.select(key));
    if (old === undefined) return insert();
    const { kind } = await this.read(identity, old);
    const update = () => rows.update(key, old, key, text, expiry, until);
    return kind === 'none' && this.write('replace', update, { key, text, until });
  }

  /** Saves a changed session if its row is as it was read; returns `undefined` if not. With `renewKey: 'change'` it gets a
   *  new key. */
  replace(entry: StoredSession, record: SessionRecord, until?: number): Promise<StoredSession | undefined> {
    const to = this.changesIdOnSave ? this.identity() : entry;
    return this.save(entry, to, record, this.changesIdOnSave || entry.cookieOutdated, until);
  }

  /** Saves a session under a new key, if its row is as it was read. The old key then leads nowhere. */
  move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    _kind?: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined> {
    return this.save(entry, to, record, true, until);
  }

  /** Moves the end of a session. Has no effect if another request has changed the row meanwhile. Returns `undefined` if the
   *  session has ended, so that no cookie of it is sent. */
  async touch(
    entry: StoredSession,
    record: SessionRecord,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const touched = await this.save(entry, entry, record, true, until);
    if (touched) return touched;
    return (await this.find(entry)).kind === 'live' ? entry : undefined;
  }

  /** Deletes the row. Nothing remains of it, because httpd knows no tombstones. */
  async end(identity: Identity, _subject?: string, until?: number): Promise<void> {
    const { token } = identity;
    if (!token) return;
    const key = keyOf(identity);
    const remove = () => this.rows.delete(key, until).then(() => true);
    const isGone = async () => (await this.rows.select(key)) === undefined || undefined;
    await this.parts.watch('destroy', (timeout) => settleWrite(timeout, remove, isGone), until);
  }

  /** The cookie carries the key itself, as httpd's does. */
  cookieValue(entry: StoredSession): string {
    return keyOf(entry);
  }

  /** Always throws. The options refuse `crypto.accept` beside this store, so nothing migrates to it. */
  migrate(): never {
    throw new SessionStateError(
      'ERR_SESSION_UNSUPPORTED',
      'Sessions migrate to the native format only; dbdStore() keeps the Apache format',
    );
  }

  /** Throws a SessionStateError if httpd could not carry a key of the data. */
  check(record: SessionRecord): void {
    this.parts.codec.check(record);
  }

  private async find(identity: Identity): Promise<SessionLookup> {
    const text = await this.parts.watch('load', () => this.rows.select(keyOf(identity)));
    return text ? this.read(identity, text) : none('absent');
  }

  private async read(identity: Identity, text: string): Promise<SessionLookup> {
    const opened = await this.parts.codec.open(text);
    if (typeof opened === 'string') return none(opened);
    const now = this.now();
    if (!isAlive(opened.record, now, this.parts.timeouts)) return none('expired');
    const entry = { ...entryOf(identity, opened.record, text, false), stale: opened.stale };
    return { kind: 'live', now, entry };
  }

  /** Seals the record and updates the row that still has the value of `entry`. */
  private async save(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    cookieOutdated: boolean,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const text = await this.parts.codec.seal(record, Infinity);
    const expiry = this.expiryOf(record);
    const [from, key] = [keyOf(entry), keyOf(to)];
    const update = () => this.rows.update(from, entry.text!, key, text, expiry, until);
    const old = from === key ? entry.text : undefined;
    const saved = await this.write('replace', update, { key, text, old, until });
    return saved ? entryOf(to, record, text, cookieOutdated) : undefined;
  }

  /** Writes a sealed text under a key, in the place of `old` if there is one, and finds out whether it was written if the
   *  answer is lost. */
  private write(
    operation: string,
    write: () => Promise<boolean>,
    { key, text, old, until }: RowText,
  ): Promise<boolean> {
    const lookUp = async () => {
      const stored = await this.rows.select(key);
      if (stored === text) return true;
      if (stored === undefined || stored === old || old === undefined) return undefined;
      throw new OutcomeUnknownError(operation); // overwritten since: to merge the changes again could count them twice
    };
    return this.parts.watch(operation, (timeout) => settleWrite(timeout, write, lookUp), until);
  }

  /** Microseconds since 1970; 0 in the column means that the row never expires. */
  private expiryOf(record: SessionRecord): bigint {
    return this.parts.codec.expiryOf(record) ?? 0n;
  }
}

const entryOf = (
  { key, token }: Identity,
  record: SessionRecord,
  text: string,
  cookieOutdated: boolean,
): StoredSession => ({
  key,
  token: token!,
  version: 0,
  record,
  stale: false,
  cookieOutdated,
  text,
});

/** Returns the lookup of a key without a session. `ours: true` keeps the cookie: the key could be one that httpd made. */
const none = (reason: (SessionLookup & { kind: 'none' })['reason']): SessionLookup => ({
  kind: 'none',
  reason,
  ours: true,
});
