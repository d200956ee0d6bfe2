import { createHash } from 'node:crypto';
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
import { sessionIdFromBytes } from './session-id.js';
import { heldOnly } from './file-lock.js';
import type { LockedFile } from './locked-file.js';
import type { PassedOver } from './passed-over.js';
import type { SessionFolder } from './session-folder.js';
import type { SharedCodec } from './shared.codec.js';

export interface SharedRepositoryParts extends ForeignParts {
  readonly sharedCodec: SharedCodec;
  readonly passedOver: PassedOver;
  readonly folder: () => SessionFolder;
}

/** Of the time that one operation may take, how much of it the lock is waited for. */
const LOCK_SHARE = 0.9;

/** As PHP makes them. It would look up whatever a cookie says, down to one character. */
const ID = /^[A-Za-z0-9,-]{22,250}$/;
/** PHP writes a comma into its cookies as in a form. */
const COMMA = /%2c/gi;

/** Sessions in the files of PHP. Every change is made while the file is locked, on what stands in it then, so that
 *  neither side loses what the other has written. An id that was left leads nowhere, since PHP knows no tombstones. */
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
    const id = text.replace(COMMA, ',');
    return ID.test(id) ? this.find(identityOf(id)) : { kind: 'none', reason: 'encoding', ours: false };
  }

  reload(entry: StoredSession): Promise<SessionLookup> {
    return this.find(entry);
  }

  create(identity: Identity, record: SessionRecord): Promise<StoredSession> {
    return this.watch('create', () => this.begin(identity, record));
  }

  replace(entry: StoredSession, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.change(entry, (held) => (held.text === entry.text ? record : undefined));
  }

  updateLocked(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined> {
    return this.change(entry, (held) => change(held.record));
  }

  /** The new file is on the disk before the old one goes, and whoever waits for the old one finds nothing in it. */
  move(entry: StoredSession, to: Identity, record: SessionRecord): Promise<StoredSession | undefined> {
    return this.hold('move', entry, async (file, held) => {
      if (held.text !== entry.text) return undefined;
      const moved = await this.begin(to, record);
      await file.empty();
      await this.folder.remove(idOf(entry));
      return moved;
    });
  }

  async touch(entry: StoredSession, record: SessionRecord): Promise<StoredSession> {
    const sealed = entry.stale ? await this.replace(entry, record) : undefined;
    if (sealed) return sealed;
    const touch = () => this.folder.use(idOf(entry), 'shared', 0, (file) => this.used(file));
    await this.watch('touch', () => touch().catch(heldOnly)); // who holds it touches it when it lets go
    return { ...entry, record };
  }

  /** Also where PHP holds the file for too long: then what it writes goes to a file that nobody finds any more. */
  async end(identity: Identity): Promise<void> {
    if (!identity.token) return;
    const remove = () => this.folder.remove(idOf(identity));
    const work = (file: LockedFile) => file.empty().then(remove);
    await this.watch('destroy', async (until) => {
      const used = this.folder.use(idOf(identity), 'exclusive', until, work);
      if (!(await used.catch(heldOnly))) await remove();
    });
  }

  cookieValue(entry: StoredSession): string {
    return idOf(entry).replaceAll(',', '%2C');
  }

  migrate(): never {
    throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'Sessions are led over to our own form only');
  }

  check(record: SessionRecord): void {
    this.parts.sharedCodec.check(record);
  }

  private get folder(): SessionFolder {
    return this.parts.folder();
  }

  private async find(identity: Identity): Promise<SessionLookup> {
    const found = await this.watch('load', (until) =>
      this.folder.use(
        idOf(identity),
        'shared',
        until,
        async (file) => (await this.read(identity, file)).found,
      ),
    );
    return found ?? this.absent(identity);
  }

  private async absent(identity: Identity): Promise<SessionLookup> {
    const { passedOver, warn } = this.parts;
    await passedOver.byOwner(() => this.folder.foreignOwner(idOf(identity)), warn);
    return none('absent');
  }

  private async read(identity: Identity, file: LockedFile): Promise<{ found: SessionLookup; bytes: Buffer }> {
    const { sharedCodec, payloadLimit, timeouts } = this.parts;
    const { bytes, usedAt } = await file.read(payloadLimit + 1); // which tells that it is too large
    const now = this.now();
    const opened = await sharedCodec.open(identity.key, bytes, Math.min(now, Math.floor(usedAt / 1000)));
    if (typeof opened === 'string') return { found: none(opened), bytes };
    const { record, stale } = opened;
    if (!isAlive(record, now, timeouts)) return { found: none('expired'), bytes };
    return { found: { kind: 'live', now, entry: entryOf(identity, record, bytes, false, stale) }, bytes };
  }

  private begin(identity: Identity, changed: SessionRecord): Promise<StoredSession> {
    return this.folder.create(idOf(identity), async (file) => {
      const record = this.parts.sharedCodec.settled(changed);
      const bytes = await this.parts.sharedCodec.seal(identity.key, record);
      await file.write(bytes, NOTHING);
      await this.used(file);
      return entryOf(identity, record, bytes, true);
    });
  }

  private change(
    entry: StoredSession,
    decide: (held: StoredSession) => SessionRecord | undefined,
  ): Promise<StoredSession | undefined> {
    return this.hold('replace', entry, async (file, held, before) => {
      const changed = decide(held);
      if (!changed) return undefined;
      const record = this.parts.sharedCodec.settled(changed);
      const bytes = await this.parts.sharedCodec.seal(entry.key, record);
      if (!bytes.equals(before)) await file.write(bytes, before);
      await this.used(file);
      return entryOf(entry, record, bytes, entry.cookieOutdated);
    });
  }

  /** Runs `work` on a live session that nobody else can change meanwhile; `undefined` where it has ended. */
  private hold<R>(
    operation: string,
    entry: StoredSession,
    work: (file: LockedFile, held: StoredSession, bytes: Buffer) => Promise<R | undefined>,
  ): Promise<R | undefined> {
    return this.watch(operation, (until) =>
      this.folder.use(idOf(entry), 'exclusive', until, async (file) => {
        const { found, bytes } = await this.read(entry, file);
        return found.kind === 'live' ? work(file, found.entry, bytes) : undefined;
      }),
    );
  }

  private used(file: LockedFile): Promise<void> {
    return file.touch(new Date(1000 * this.now()));
  }

  /** Failures of the system are told by their code alone: their messages hold ids. */
  private watch<R>(operation: string, ask: (until: number) => Promise<R>): Promise<R> {
    const { watch, timeout } = this.parts;
    return watch(operation, () =>
      ask(performance.now() + LOCK_SHARE * timeout).catch((error: unknown) => {
        throw SessionStoreError.from(operation, error);
      }),
    );
  }
}

const NOTHING = Buffer.alloc(0);

/** The public name of a session must be no credential, and its id is one. */
const identityOf = (id: string): Identity => ({
  key: createHash('sha256').update('php\0').update(id).digest(),
  token: Buffer.from(id),
});

const idOf = ({ token }: Identity): string => token!.toString();

/** `text`: a digest of the file's bytes, by which a change of somebody else shows. */
const entryOf = (
  { key, token }: Identity,
  record: SessionRecord,
  bytes: Buffer,
  cookieOutdated: boolean,
  stale = false,
): StoredSession => ({
  key,
  token: token!,
  version: 0,
  record,
  stale,
  cookieOutdated,
  text: createHash('sha256').update(bytes).digest('base64'),
});

/** Nothing tells whether PHP made an id, so that no cookie is cleared for one that is not there. */
const none = (reason: (SessionLookup & { kind: 'none' })['reason']): SessionLookup => ({
  kind: 'none',
  reason,
  ours: true,
});
