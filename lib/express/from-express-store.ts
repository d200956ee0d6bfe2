import { decodeBase64url } from '../envelope/base64url.js';
import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { KeyQueue } from '../stores/key-queue.js';
import { refuseAfter } from '../stores/time-limit.js';
import type {
  FoundRow,
  ReplaceResult,
  RowState,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../stores/session-store.interface.js';
import { askConnectStore, type ConnectSession, type ConnectStore } from './connect-store.js';

export interface FromExpressStoreOptions {
  /** A name of the store, which sealed sessions are bound to: it must never change. @default 'sessions' */
  readonly name?: string;
}

const NAMES: OptionNames<FromExpressStoreOptions> = { name: true };

/** Keeps our sealed rows in a store for express-session. Such a store cannot compare versions, so two processes can overwrite
 *  each other's changes. In one process, the changes of a row wait for each other. */
class ConnectedStore implements SessionStore {
  readonly kind = 'connect';
  readonly guarded = false;
  private readonly queue = new KeyQueue();

  constructor(
    private readonly store: ConnectStore,
    readonly name: string,
  ) {}

  warnings(): readonly string[] {
    return [
      "fromExpressStore: such a store cannot compare versions, so processes can overwrite each other's changes, and a " +
        'logout can be undone by a request of another process; typeOrmStore(), pgStore() and redisStore() do not have this fault',
    ];
  }

  load(key: Buffer): Promise<FoundRow | undefined> {
    return this.read(key);
  }

  create(row: SessionRow, until?: number): Promise<void> {
    return this.queue.run(row.key, async () => {
      if (await this.read(row.key)) throw new SessionStoreError('create', 'duplicate');
      await this.write(row, 1, 'live', until);
    });
  }

  replace(row: SessionRow, version: number, until?: number): Promise<ReplaceResult> {
    return this.queue.run(row.key, async () => {
      const result = await this.compare(row.key, version);
      if (result === 'saved') await this.write(row, version + 1, 'live', until);
      return result;
    });
  }

  /** Makes the new row first, so that a failure in between ends no session. */
  move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until?: number,
  ): Promise<ReplaceResult> {
    return this.queue.run(oldKey, async () => {
      const old = await this.readLive(oldKey);
      if (!old) return 'gone';
      if (old.version !== version) return 'conflict';
      await this.write(row, 1, 'live', until);
      await this.write({ ...old, ...tombstone }, version + 1, tombstone.state, until);
      return 'saved';
    });
  }

  destroy(key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    return this.queue.run(key, async () => {
      const row = await this.readLive(key);
      if (row) await this.write({ ...row, sealed: Buffer.alloc(0), deadline }, row.version, 'ended', until);
      return row !== undefined;
    });
  }

  /** Stores the whole row: the `touch` of such a store moves its own clock only, and ours is sealed inside. */
  touch(row: SessionRow, version: number): Promise<boolean> {
    return this.queue.run(row.key, async () => {
      const current = await this.readLive(row.key);
      const isOvertaken = current?.version !== version || current.lastSeenAt > row.lastSeenAt;
      if (!isOvertaken) await this.write(row, version, 'live');
      return !isOvertaken;
    });
  }

  /** `saved`: the row may be written. */
  private async compare(key: Buffer, version: number): Promise<ReplaceResult> {
    const row = await this.readLive(key);
    if (!row) return 'gone';
    return row.version === version ? 'saved' : 'conflict';
  }

  private async readLive(key: Buffer): Promise<FoundRow | undefined> {
    const row = await this.read(key);
    return row?.state === 'live' ? row : undefined;
  }

  private async read(key: Buffer): Promise<FoundRow | undefined> {
    const stored = await askConnectStore<ConnectSession | null>('load', (done) =>
      this.store.get(idOf(key), done),
    );
    const row = stored && rowOf(key, stored['row']);
    return row && row.deadline > row.now ? row : undefined;
  }

  /** Writes nothing after `until` (`performance.now()`). */
  private async write(row: SessionRow, version: number, state: RowState, until = Infinity): Promise<void> {
    refuseAfter(until, 'save');
    const { key, sealed, subject, createdAt, lastSeenAt, deadline } = row;
    const originalMaxAge = Math.max(0, deadline.getTime() - Date.now());
    const session: ConnectSession = {
      cookie: { path: '/', httpOnly: true, expires: deadline, originalMaxAge, maxAge: originalMaxAge },
      row: {
        sealed: sealed.toString('base64url'),
        subject,
        createdAt: createdAt.getTime(),
        lastSeenAt: lastSeenAt.getTime(),
        deadline: deadline.getTime(),
        version,
        state,
      },
    };
    await askConnectStore<void>('save', (done) => this.store.set(idOf(key), session, done));
  }
}

/** The id is a hash already, so whoever reads the store gets no token. */
const idOf = (key: Buffer): string => key.toString('base64url');

const STATES: readonly unknown[] = ['live', 'moved', 'ended'];

/** Returns the row that a session of the store holds, or `undefined` if it holds none. Its bytes are not yet verified. */
function rowOf(key: Buffer, value: unknown): FoundRow | undefined {
  const { sealed, subject, createdAt, lastSeenAt, deadline, version, state } = Object(value) as Record<
    string,
    unknown
  >;
  const bytes = sealed === '' ? Buffer.alloc(0) : typeof sealed === 'string' && decodeBase64url(sealed);
  const times = [createdAt, lastSeenAt, deadline, version].map(Number);
  if (!bytes || !STATES.includes(state) || !times.every(Number.isSafeInteger)) return undefined;
  return {
    key,
    sealed: bytes,
    subject: typeof subject === 'string' ? subject : undefined,
    createdAt: new Date(times[0]!),
    lastSeenAt: new Date(times[1]!),
    deadline: new Date(times[2]!),
    version: times[3]!,
    state: state as RowState,
    now: new Date(),
  };
}

/** Returns a store for `forRoot({ store })` that keeps sealed sessions in a store for express-session. Such a store cannot
 *  compare versions: the audit says so. Throws a SessionConfigError if it lacks a method. */
export function fromExpressStore(store: ConnectStore, options: FromExpressStoreOptions = {}): SessionStore {
  checkNames('fromExpressStore()', options, NAMES);
  const missing = (['get', 'set', 'destroy'] as const).filter(
    (name) => typeof (Object(store) as Partial<ConnectStore>)[name] !== 'function',
  );
  if (missing.length)
    throw new SessionConfigError([
      {
        path: 'fromExpressStore() store',
        message: `is ${kindOf(store)} without the methods ${missing.join(', ')}; pass a store for express-session, such as new RedisStore({ client })`,
      },
    ]);
  return new ConnectedStore(store, options.name ?? 'sessions');
}
