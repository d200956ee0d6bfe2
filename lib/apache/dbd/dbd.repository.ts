import { createHash, randomUUID } from 'node:crypto';
import { SessionStateError } from '../../errors/session-state.error.js';
import type { ForeignParts } from '../../persistence/foreign-store.interface.js';
import type {
  Identity,
  SessionLookup,
  SessionRepository,
  StoredSession,
} from '../../persistence/session-repository.interface.js';
import { isAlive } from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { ApacheCodec } from '../text/apache.codec.js';
import type { DbdRows } from './dbd-rows.interface.js';
import { USER_KEY } from './user-key.js';

/** The objects that a repository works with. */
export interface DbdRepositoryParts extends ForeignParts {
  readonly codec: ApacheCodec;
}

/** The keys that httpd makes: UUIDs. httpd itself looks up whatever text a cookie holds. In a table that also holds rows by
 *  user, that could be a user's name. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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

  now(): number {
    return this.parts.now();
  }

  identity(): Identity {
    return identityOf(randomUUID());
  }

  async open(text: string): Promise<SessionLookup> {
    const byUser = this.rows.identify !== undefined;
    if (!(byUser ? USER_KEY : UUID).test(text)) return none('encoding');
    const found = await this.find(identityOf(text));
    return byUser && found.kind !== 'ended' ? { ...found, pinnedIdentity: identityOf(text) } : found;
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.find(entry);
  }

  /** Throws a SessionStateError with 409 if another request has begun the session of this user meanwhile. */
  async create(identity: Identity, record: SessionRecord): Promise<StoredSession> {
    const text = await this.parts.codec.seal(record, Infinity);
    const expiry = this.expiryOf(record);
    const insert = () => this.parts.watch('create', () => this.rows.insert(keyOf(identity), text, expiry));
    if (!(await insert()) && !(await this.replaceDead(identity, insert, text, expiry)))
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
  ): Promise<boolean> {
    const { rows, parts } = this;
    const key = keyOf(identity);
    await parts.watch('destroy', () => rows.deleteDead(key));
    const old = await parts.watch('load', () => rows.select(key));
    if (old === undefined) return insert();
    const { kind } = await this.read(identity, old);
    return kind === 'none' && parts.watch('replace', () => rows.update(key, old, key, text, expiry));
  }

  replace(entry: StoredSession, record: SessionRecord): Promise<StoredSession | undefined> {
    const to = this.changesIdOnSave ? this.identity() : entry;
    return this.save(entry, to, record, this.changesIdOnSave || entry.cookieOutdated);
  }

  move(entry: StoredSession, to: Identity, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.save(entry, to, record, true);
  }

  async touch(entry: StoredSession, record: SessionRecord): Promise<StoredSession> {
    return (await this.save(entry, entry, record, true)) ?? entry;
  }

  async end(identity: Identity): Promise<void> {
    const { token } = identity;
    if (token) await this.parts.watch('destroy', () => this.rows.delete(keyOf(identity)));
  }

  cookieValue(entry: StoredSession): string {
    return keyOf(entry);
  }

  migrate(): never {
    throw new SessionStateError(
      'ERR_SESSION_UNSUPPORTED',
      'Sessions migrate to the native format only; dbdStore() keeps the Apache format',
    );
  }

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

  private async save(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    cookieOutdated: boolean,
  ): Promise<StoredSession | undefined> {
    const text = await this.parts.codec.seal(record, Infinity);
    const expiry = this.expiryOf(record);
    const saved = await this.parts.watch('replace', () =>
      this.rows.update(keyOf(entry), entry.text!, keyOf(to), text, expiry),
    );
    return saved ? entryOf(to, record, text, cookieOutdated) : undefined;
  }

  private expiryOf(record: SessionRecord): bigint {
    return this.parts.codec.expiryOf(record) ?? 0n;
  }
}

/** Hashes the key of a row for the public id of its session: the key itself is a credential. */
const identityOf = (key: string): Identity => ({
  key: createHash('sha256').update('dbd\0').update(key).digest(),
  token: Buffer.from(key),
});

const keyOf = ({ token }: Identity): string => token!.toString();

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
