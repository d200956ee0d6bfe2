import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SessionStateError } from '../../errors/session-state.error.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  MoveKind,
  SessionRepository,
} from '../../persistence/session-repository.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import { ignoreLocked } from './file-lock.js';
import { sessionIdFromBytes } from './session-id.js';
import { identityOf, idOf } from './shared-entry.js';
import type { SharedFile } from './shared-place.interface.js';
import { SharedSessionFiles, type SharedRepositoryParts } from './shared-session-files.js';

/** The ids that PHP makes. Only these are looked up here, because a shorter one can be guessed. */
const ID = /^[A-Za-z0-9,-]{22,250}$/;
/** The ids that PHP itself looks up (php_session_valid_key, session.c). An application can set one by `session_id('user42')`. */
const ID_IN_PHP = /^[A-Za-z0-9,-]{1,256}$/;
/** PHP encodes a comma in its cookies as in a form. */
const ENCODED_COMMA = /%2c/gi;

/** Finds and saves sessions in the files of PHP. Every change is made while the file is locked, on the content that it has
 *  then, so that neither side loses what the other one has written. An old id does not lead to its successor, because PHP
 *  has no tombstones. */
export class SharedRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = false;
  private readonly files: SharedSessionFiles;

  constructor(private readonly parts: SharedRepositoryParts) {
    this.files = new SharedSessionFiles(parts);
  }

  now(): number {
    return this.parts.now();
  }

  /** Makes a new id in PHP's format. */
  identity(): Identity {
    const { length, bitsPerCharacter } = this.parts.id;
    const bytes = randomPoolBytes(Math.ceil((length * bitsPerCharacter) / 8));
    return identityOf(sessionIdFromBytes(bytes, length, bitsPerCharacter));
  }

  /** Finds the session of a cookie's value. An id that only PHP accepts has no session here. Its cookie is left alone, because the
   *  visitor would lose the session in PHP. */
  async open(text: string): Promise<SessionLookup> {
    const id = text.replace(ENCODED_COMMA, ',');
    if (ID.test(id)) return this.files.find(identityOf(id));
    return { kind: 'none', reason: 'encoding', ours: ID_IN_PHP.test(id) };
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.files.find(entry);
  }

  /** Rejects if the id has a file already. */
  create(identity: Identity, record: SessionRecord, until?: number): Promise<StoredSession> {
    return this.files.run('create', () => this.files.create(identity, record, until), until);
  }

  /** Returns `undefined` if the file is no longer as it was read. */
  replace(entry: StoredSession, record: SessionRecord, until?: number): Promise<StoredSession | undefined> {
    return this.files.change(entry, (current) => (current.text === entry.text ? record : undefined), until);
  }

  /** Reads the session again under the lock and saves what `change` makes of it, so that changes of both sides are merged. */
  updateLocked(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
    until?: number,
  ): Promise<StoredSession | undefined> {
    return this.files.change(entry, (current) => change(current.record), until);
  }

  /** Writes the new file before it removes the old one. Empties the old one first, so that a process that waits for its lock
   *  finds no session. */
  move(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    _kind?: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const work = async (file: SharedFile, current: StoredSession) => {
      if (current.text !== entry.text) return undefined;
      const moved = await this.files.create(to, record, until);
      await file.empty(until);
      await this.files.folder.remove(idOf(entry));
      return moved;
    };
    return this.files.withLocked('move', entry, work, until);
  }

  /** Does not wait for the lock: a process that holds it for a write touches the file anyway. Returns `undefined` if the session
   *  has ended, so that no cookie of it is sent. */
  async touch(
    entry: StoredSession,
    record: SessionRecord,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const sealed = entry.stale ? await this.replace(entry, record, until) : undefined;
    if (sealed) return sealed;
    const work = (file: SharedFile) => this.files.touch(file).then(() => true);
    const touch = () => this.files.folder.use(idOf(entry), 'shared', 0, work);
    const isThere = await this.files.run('touch', () => touch().catch(trueIfLocked));
    return isThere ? { ...entry, record } : undefined;
  }

  /** Removes the file even if PHP holds the lock too long. PHP then writes to a file that nobody can find any more. */
  async end(identity: Identity, _subject?: string, latest?: number): Promise<void> {
    if (!identity.token) return;
    const { folder } = this.files;
    const remove = () => folder.remove(idOf(identity), latest);
    const work = (file: SharedFile) => file.empty(latest).then(() => folder.remove(idOf(identity)));
    const end = async (until: number) => {
      const removed = folder.use(idOf(identity), 'exclusive', until, work);
      if (!(await removed.catch(ignoreLocked))) await remove();
    };
    await this.files.run('destroy', end, latest);
  }

  /** Encodes commas as PHP does, so that both sides set the same cookie. */
  cookieValue(entry: StoredSession): string {
    return idOf(entry).replaceAll(',', '%2C');
  }

  /** Never called with valid options: they refuse `crypto.accept` beside this store. */
  migrate(): never {
    throw new SessionStateError(
      'ERR_SESSION_UNSUPPORTED',
      'Sessions can be migrated to the native format only; remove crypto.accept, or sharedUnsealed',
    );
  }

  check(record: SessionRecord): void {
    this.parts.sharedCodec.check(record);
  }
}

/** A session that another process has locked is still there. Throws every other error. */
function trueIfLocked(error: unknown): true {
  ignoreLocked(error);
  return true;
}
