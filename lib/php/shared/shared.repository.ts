import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SessionStateError } from '../../errors/session-state.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { isAlive } from '../../record/session-lifetime.js';
import type {
  StoredSession,
  SessionLookup,
  Identity,
  SessionRepository,
} from '../../persistence/session-repository.interface.js';
import type { ForeignParts } from '../../persistence/foreign-store.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import { ignoreLocked } from './file-lock.js';
import type { IgnoredFileWarnings } from './ignored-file-warnings.js';
import type { LockedFile } from './locked-file.js';
import type { SessionFolder } from './session-folder.js';
import { sessionIdFromBytes } from './session-id.js';
import { entryOf, identityOf, idOf, noSession } from './shared-entry.js';
import type { SharedCodec } from './shared.codec.js';

/** The parts that a {@link SharedRepository} is built from. */
export interface SharedRepositoryParts extends ForeignParts {
  readonly sharedCodec: SharedCodec;
  readonly warnings: IgnoredFileWarnings;
  /** Returns the open folder. Throws a SessionStoreError before the store is open. */
  readonly folder: () => SessionFolder;
}

/** The share of an operation's time limit for which it waits for the lock. */
const LOCK_SHARE = 0.9;

/** The ids that PHP makes. PHP itself looks up any id of a cookie, even one of one character. */
const ID = /^[A-Za-z0-9,-]{22,250}$/;
/** PHP encodes a comma in its cookies as in a form. */
const ENCODED_COMMA = /%2c/gi;

/** Finds and saves sessions in the files of PHP. Every change is made while the file is locked, on the content that it has
 *  then, so that neither side loses what the other one has written. An old id does not lead to its successor, because PHP
 *  has no tombstones. */
export class SharedRepository implements SessionRepository {
  readonly onServer = true;
  readonly followsOldIds = false;

  constructor(private readonly parts: SharedRepositoryParts) {}

  now(): number {
    return this.parts.now();
  }

  identity(): Identity {
    const { length, bitsPerCharacter } = this.parts.id;
    const bytes = randomPoolBytes(Math.ceil((length * bitsPerCharacter) / 8));
    return identityOf(sessionIdFromBytes(bytes, length, bitsPerCharacter));
  }

  async open(text: string): Promise<SessionLookup> {
    const id = text.replace(ENCODED_COMMA, ',');
    return ID.test(id) ? this.find(identityOf(id)) : { kind: 'none', reason: 'encoding', ours: false };
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.find(entry);
  }

  create(identity: Identity, record: SessionRecord): Promise<StoredSession> {
    return this.run('create', () => this.createFile(identity, record));
  }

  replace(entry: StoredSession, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.change(entry, (current) => (current.text === entry.text ? record : undefined));
  }

  updateLocked(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined> {
    return this.change(entry, (current) => change(current.record));
  }

  /** Writes the new file before it removes the old one. Empties the old one first, so that a process that waits for its lock
   *  finds no session. */
  move(entry: StoredSession, to: Identity, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.withLockedSession('move', entry, async (file, current) => {
      if (current.text !== entry.text) return undefined;
      const moved = await this.createFile(to, record);
      await file.empty();
      await this.folder.remove(idOf(entry));
      return moved;
    });
  }

  /** Does not wait for the lock: whoever holds it touches the file anyway when it writes. */
  async touch(entry: StoredSession, record: SessionRecord): Promise<StoredSession> {
    const sealed = entry.stale ? await this.replace(entry, record) : undefined;
    if (sealed) return sealed;
    const touch = () => this.folder.use(idOf(entry), 'shared', 0, (file) => this.touchFile(file));
    await this.run('touch', () => touch().catch(ignoreLocked));
    return { ...entry, record };
  }

  /** Removes the file even if PHP holds the lock too long. PHP then writes to a file that nobody can find any more. */
  async end(identity: Identity): Promise<void> {
    if (!identity.token) return;
    const remove = () => this.folder.remove(idOf(identity));
    const work = (file: LockedFile) => file.empty().then(remove);
    await this.run('destroy', async (until) => {
      const removed = this.folder.use(idOf(identity), 'exclusive', until, work);
      if (!(await removed.catch(ignoreLocked))) await remove();
    });
  }

  cookieValue(entry: StoredSession): string {
    return idOf(entry).replaceAll(',', '%2C');
  }

  migrate(): never {
    throw new SessionStateError(
      'ERR_SESSION_UNSUPPORTED',
      'Sessions can be migrated to the native format only; remove crypto.accept, or sharedUnsealed',
    );
  }

  check(record: SessionRecord): void {
    this.parts.sharedCodec.check(record);
  }

  private get folder(): SessionFolder {
    return this.parts.folder();
  }

  private async find(identity: Identity): Promise<SessionLookup> {
    const read = async (file: LockedFile) => (await this.read(identity, file)).found;
    const found = await this.run('load', (until) => this.folder.use(idOf(identity), 'shared', until, read));
    return found ?? this.absent(identity);
  }

  private async absent(identity: Identity): Promise<SessionLookup> {
    const { warnings, warn } = this.parts;
    await warnings.warnOfOwner(() => this.folder.foreignOwner(idOf(identity)), warn);
    return noSession('absent');
  }

  private async read(identity: Identity, file: LockedFile): Promise<{ found: SessionLookup; bytes: Buffer }> {
    const { sharedCodec, payloadLimit, timeouts } = this.parts;
    const { bytes, usedAt } = await file.read(payloadLimit + 1); // one byte more shows that it is too large
    const now = this.now();
    const opened = await sharedCodec.open(identity.key, bytes, Math.min(now, Math.floor(usedAt / 1000)));
    if (typeof opened === 'string') return { found: noSession(opened), bytes };
    const { record, stale } = opened;
    if (!isAlive(record, now, timeouts)) return { found: noSession('expired'), bytes };
    const entry = entryOf(identity, record, bytes, { cookieOutdated: false, stale });
    return { found: { kind: 'live', now, entry }, bytes };
  }

  private createFile(identity: Identity, changed: SessionRecord): Promise<StoredSession> {
    return this.folder.create(idOf(identity), async (file) => {
      const record = this.parts.sharedCodec.asReadAgain(changed);
      const bytes = await this.parts.sharedCodec.seal(identity.key, record);
      await file.write(bytes, Buffer.alloc(0));
      await this.touchFile(file);
      return entryOf(identity, record, bytes, { cookieOutdated: true });
    });
  }

  /** Saves the record that `decide` makes of the current session. Returns `undefined` if it makes none. */
  private change(
    entry: StoredSession,
    decide: (current: StoredSession) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined> {
    return this.withLockedSession('replace', entry, async (file, current, before) => {
      const changed = decide(current);
      if (!changed) return undefined;
      const record = this.parts.sharedCodec.asReadAgain(changed);
      const bytes = await this.parts.sharedCodec.seal(entry.key, record);
      if (!bytes.equals(before)) await file.write(bytes, before);
      await this.touchFile(file);
      return entryOf(entry, record, bytes, { cookieOutdated: entry.cookieOutdated });
    });
  }

  /** Runs `work` on a live session while nobody else can change it. Returns `undefined` if it has ended. */
  private withLockedSession<R>(
    operation: string,
    entry: StoredSession,
    work: (file: LockedFile, current: StoredSession, bytes: Buffer) => Promise<R | undefined>,
  ): Promise<R | undefined> {
    return this.run(operation, (until) =>
      this.folder.use(idOf(entry), 'exclusive', until, async (file) => {
        const { found, bytes } = await this.read(entry, file);
        return found.kind === 'live' ? work(file, found.entry, bytes) : undefined;
      }),
    );
  }

  private touchFile(file: LockedFile): Promise<void> {
    return file.touch(new Date(1000 * this.now()));
  }

  /** Runs one operation within its time limit. `until` is the time up to which it may wait for the lock. A failure of the
   *  system is reported by its code alone, because its message contains ids. */
  private run<R>(operation: string, work: (until: number) => Promise<R>): Promise<R> {
    const { watch, timeout } = this.parts;
    return watch(operation, () =>
      work(performance.now() + LOCK_SHARE * timeout).catch((error: unknown) => {
        throw SessionStoreError.from(operation, error);
      }),
    );
  }
}
