import { createHash, randomUUID } from 'node:crypto';
import { SessionStateError } from '../../errors/session-state.error.js';
import { isAlive } from '../../record/session-lifetime.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  SessionRepository,
} from '../../persistence/session-repository.interface.js';
import type { ForeignParts } from '../../persistence/foreign-store.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { ApacheCodec } from '../text/apache.codec.js';
import type { DbdRows } from './dbd-rows.interface.js';

export interface DbdRepositoryParts extends ForeignParts {
  readonly codec: ApacheCodec;
}

/** As httpd makes them. It would look up whatever a cookie says: in a table that per-user rows are in too, a user name. */
const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const USER = /^[^\0]{1,256}$/;

/** Sessions in the table of mod_session_dbd. A save finds the row as it was read, or reads it again and merges; httpd
 *  itself guards nothing. An old key leads nowhere, since httpd knows no tombstones. */
export class DbdRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = false;
  readonly changesIdOnSave: boolean;

  constructor(
    private readonly store: DbdRows,
    private readonly parts: DbdRepositoryParts,
  ) {
    this.changesIdOnSave = store.renewsAlways && !store.identify;
  }

  now(): number {
    return this.parts.now();
  }

  identity(): Identity {
    return identityOf(randomUUID());
  }

  async open(text: string): Promise<SessionLookup> {
    const byUser = this.store.identify !== undefined;
    if (!(byUser ? USER : KEY).test(text)) return none('encoding');
    const found = await this.find(identityOf(text));
    return byUser && found.kind !== 'ended' ? { ...found, pinnedIdentity: identityOf(text) } : found;
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.find(entry);
  }

  async create(identity: Identity, record: SessionRecord): Promise<StoredSession> {
    const text = await this.parts.codec.seal(record, Infinity);
    const expiry = this.expiryOf(record);
    const insert = () => this.parts.watch('create', () => this.store.insert(keyOf(identity), text, expiry));
    if (!(await insert()) && !(await this.replaceDead(identity, insert, text, expiry)))
      throw new SessionStateError('ERR_SESSION_CONFLICT', 'Another request began the session of this user');
    return entryOf(identity, record, text, true);
  }

  /** A user's row may be left over: expired, emptied by httpd, or sealed by a key that nobody has any more. */
  private async replaceDead(
    identity: Identity,
    insert: () => Promise<boolean>,
    text: string,
    expiry: bigint,
  ): Promise<boolean> {
    const { store, parts } = this;
    const key = keyOf(identity);
    await parts.watch('destroy', () => store.bury(key));
    const old = await parts.watch('load', () => store.select(key));
    if (old === undefined) return insert();
    const { kind } = await this.read(identity, old);
    return kind === 'none' && parts.watch('replace', () => store.update(key, old, key, text, expiry));
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
    if (token) await this.parts.watch('destroy', () => this.store.delete(keyOf(identity)));
  }

  cookieValue(entry: StoredSession): string {
    return keyOf(entry);
  }

  migrate(): never {
    throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'Sessions are led over to our own form only');
  }

  check(record: SessionRecord): void {
    this.parts.codec.check(record);
  }

  private async find(identity: Identity): Promise<SessionLookup> {
    const text = await this.parts.watch('load', () => this.store.select(keyOf(identity)));
    return text ? this.read(identity, text) : none('absent');
  }

  private async read(identity: Identity, text: string): Promise<SessionLookup> {
    const opened = await this.parts.codec.open(text);
    if (typeof opened === 'string') return none(opened);
    const now = this.now();
    if (!isAlive(opened.record, now, this.parts.timeouts)) return none('expired');
    return {
      kind: 'live',
      now,
      entry: { ...entryOf(identity, opened.record, text, false), stale: opened.stale },
    };
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
      this.store.update(keyOf(entry), entry.text!, keyOf(to), text, expiry),
    );
    return saved ? entryOf(to, record, text, cookieOutdated) : undefined;
  }

  private expiryOf(record: SessionRecord): bigint {
    return this.parts.codec.expiryOf(record) ?? 0n;
  }
}

/** The public name of a session must be no credential, and the key of its row is one. */
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

/** Nothing tells whether httpd made a key, so that no cookie is ever cleared for one. */
const none = (reason: (SessionLookup & { kind: 'none' })['reason']): SessionLookup => ({
  kind: 'none',
  reason,
  ours: true,
});
