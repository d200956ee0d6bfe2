import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ForeignParts } from '../../persistence/foreign-store.interface.js';
import type {
  Identity,
  SessionLookup,
  StoredSession,
} from '../../persistence/session-repository.interface.js';
import { isAlive } from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { IgnoredFileWarnings } from './ignored-file-warnings.js';
import { entryOf, idOf, noSession } from './shared-entry.js';
import type { SharedCodec } from './shared.codec.js';
import type { SharedFile, SharedPlace } from './shared-place.interface.js';

/** The parts that a repository of shared sessions is built from. */
export interface SharedRepositoryParts extends ForeignParts {
  readonly sharedCodec: SharedCodec;
  readonly warnings: IgnoredFileWarnings;
  /** Returns the open folder, or what stands for it. Throws a SessionStoreError before the store is open. */
  readonly folder: () => SharedPlace;
}

/** The share of an operation's time limit for which it waits for the lock. */
const LOCK_SHARE = 0.9;

/** Reads and writes the sessions in locked files. */
export class SharedSessionFiles {
  constructor(private readonly parts: SharedRepositoryParts) {}

  get folder(): SharedPlace {
    return this.parts.folder();
  }

  /** Runs one operation within its time limit, and by `latest` (`performance.now()`) if that is given. `until` is the time up to
   *  which it may wait for the lock. A failure of the system is reported by its code alone, because its message contains ids. */
  run<R>(operation: string, work: (until: number) => Promise<R>, latest?: number): Promise<R> {
    const ask = (timeout: number) =>
      work(performance.now() + LOCK_SHARE * timeout).catch((error: unknown) => {
        throw SessionStoreError.from(operation, error);
      });
    return this.parts.watch(operation, ask, latest);
  }

  /** Returns the session in the file of an identity. */
  async find(identity: Identity): Promise<SessionLookup> {
    const read = async (file: SharedFile) => (await this.read(identity, file)).found;
    const found = await this.run('load', (until) => this.folder.use(idOf(identity), 'shared', until, read));
    return found ?? this.absent(identity);
  }

  /** Writes a new session and returns its entry, whose cookie must be sent. */
  create(identity: Identity, changed: SessionRecord, latest?: number): Promise<StoredSession> {
    return this.folder.create(idOf(identity), async (file) => {
      const record = this.parts.sharedCodec.asReadAgain(changed);
      const bytes = await this.parts.sharedCodec.seal(identity.key, record);
      await file.write(bytes, Buffer.alloc(0), latest);
      await this.touch(file);
      return entryOf(identity, record, bytes, { cookieOutdated: true });
    });
  }

  /** Saves the record that `decide` makes of the current session. Returns `undefined` if it makes none, or if the session
   *  has ended. */
  change(
    entry: StoredSession,
    decide: (current: StoredSession) => SessionRecord | undefined,
    latest?: number,
  ): Promise<StoredSession | undefined> {
    const work = async (file: SharedFile, current: StoredSession, before: Buffer) => {
      const changed = decide(current);
      if (!changed) return undefined;
      const record = this.parts.sharedCodec.asReadAgain(changed);
      const bytes = await this.parts.sharedCodec.seal(entry.key, record);
      if (!bytes.equals(before)) await file.write(bytes, before, latest);
      await this.touch(file);
      return entryOf(entry, record, bytes, { cookieOutdated: entry.cookieOutdated });
    };
    return this.withLocked('replace', entry, work, latest);
  }

  /** Runs `work` on a live session while nobody else can change it. `bytes` is the content of the file. Returns `undefined`
   *  if the session has ended. */
  withLocked<R>(
    operation: string,
    entry: StoredSession,
    work: (file: SharedFile, current: StoredSession, bytes: Buffer) => Promise<R | undefined>,
    latest?: number,
  ): Promise<R | undefined> {
    const onLive = async (file: SharedFile) => {
      const { found, bytes } = await this.read(entry, file);
      return found.kind === 'live' ? work(file, found.entry, bytes) : undefined;
    };
    const ask = (until: number) => this.folder.use(idOf(entry), 'exclusive', until, onLive);
    return this.run(operation, ask, latest);
  }

  /** Moves the idle deadline. The clock of the store counts, not that of the file system. */
  touch(file: SharedFile): Promise<void> {
    return file.touch(new Date(1000 * this.parts.now()));
  }

  /** Before it returns no session, warns once if the file belongs to another user. */
  private async absent(identity: Identity): Promise<SessionLookup> {
    const { warnings, tell } = this.parts;
    await warnings.warnOfOwner(() => this.folder.foreignOwner(idOf(identity)), tell);
    return noSession('absent');
  }

  private async read(identity: Identity, file: SharedFile): Promise<{ found: SessionLookup; bytes: Buffer }> {
    const { sharedCodec, payloadLimit, timeouts } = this.parts;
    const { bytes, usedAt } = await file.read(payloadLimit + 1); // one byte more shows that it is too large
    const now = this.parts.now();
    const opened = await sharedCodec.open(identity.key, bytes, Math.min(now, Math.floor(usedAt / 1000)));
    if (typeof opened === 'string') return { found: noSession(opened), bytes };
    const { record, stale } = opened;
    if (!isAlive(record, now, timeouts)) return { found: noSession('expired'), bytes };
    const entry = entryOf(identity, record, bytes, { cookieOutdated: false, stale });
    return { found: { kind: 'live', now, entry }, bytes };
  }
}
