import { checkNames, type OptionNames } from '../errors/check-names.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { MemoryLocks } from './memory-locks.js';
import type { SessionLocks } from './session-locks.interface.js';
import type {
  FoundRow,
  ListedRow,
  ReplaceResult,
  RowState,
  SessionRow,
  SessionStore,
  Tombstone,
} from './session-store.interface.js';

export interface MemoryStoreOptions {
  /** Allows the store outside development and test. Every restart ends all sessions. @default false */
  readonly allowInProduction?: boolean;
  /** The clock. @default () => new Date() */
  readonly now?: () => Date;
}

const NAMES: OptionNames<MemoryStoreOptions> = { allowInProduction: true, now: true };

interface StoredRow extends SessionRow {
  readonly version: number;
  readonly state: RowState;
}

/** Keeps sessions in the memory of this process, for development and tests. The rows are sealed and guarded as in every
 *  other store. */
export class MemoryStore implements SessionStore {
  readonly kind = 'memory';
  readonly name = 'memory';
  readonly guarded = true;
  readonly listsAll = true;
  readonly now: () => Date;
  readonly locks: SessionLocks;
  private readonly rows = new Map<string, StoredRow>();

  constructor(private readonly options: MemoryStoreOptions = {}) {
    checkNames('memoryStore()', options, NAMES);
    this.now = options.now ?? (() => new Date());
    this.locks = new MemoryLocks(this.now);
  }

  /** Throws a SessionConfigError in production. */
  open(): void {
    const environment = process.env['NODE_ENV'];
    if (this.options.allowInProduction || environment === 'development' || environment === 'test') return;
    throw new SessionConfigError([
      {
        path: 'store',
        message:
          'memoryStore() loses all sessions at a restart, so it starts only where NODE_ENV is "development" or "test"; ' +
          `here it is ${environment ? JSON.stringify(environment.slice(0, 40)) : 'not set: set NODE_ENV=development while you develop'}; ` +
          'use cookieStore() or typeOrmStore(), or write memoryStore({ allowInProduction: true })',
      },
    ]);
  }

  async load(key: Buffer): Promise<FoundRow | undefined> {
    const now = this.now();
    const row = this.rows.get(nameOf(key));
    return row && row.deadline > now ? { ...row, now } : undefined;
  }

  async create(row: SessionRow): Promise<void> {
    const name = nameOf(row.key);
    if (this.rows.has(name)) throw new SessionStoreError('create', 'duplicate');
    this.rows.set(name, { ...row, version: 1, state: 'live' });
  }

  async replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    const stored = this.liveRow(row.key);
    if (!stored) return 'gone';
    if (stored.version !== version) return 'conflict';
    this.rows.set(nameOf(row.key), { ...row, version: version + 1, state: 'live' });
    return 'saved';
  }

  async move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const stored = this.liveRow(oldKey);
    if (!stored) return 'gone';
    if (stored.version !== version) return 'conflict';
    this.rows.set(nameOf(oldKey), { ...stored, ...tombstone, version: version + 1 });
    this.rows.set(nameOf(row.key), { ...row, version: 1, state: 'live' });
    return 'saved';
  }

  async destroy(key: Buffer, deadline: Date): Promise<boolean> {
    const stored = this.liveRow(key);
    if (!stored) return false;
    this.rows.set(nameOf(key), { ...stored, sealed: Buffer.alloc(0), state: 'ended', deadline });
    return true;
  }

  async touch(row: SessionRow, version: number): Promise<boolean> {
    const stored = this.liveRow(row.key);
    if (stored?.version !== version || stored.lastSeenAt > row.lastSeenAt) return false;
    this.rows.set(nameOf(row.key), { ...row, version, state: 'live' });
    return true;
  }

  /** Removes all expired rows at once. */
  async prune(): Promise<number> {
    const now = this.now();
    const expired = [...this.rows].filter(([, row]) => row.deadline <= now);
    for (const [name] of expired) this.rows.delete(name);
    return expired.length;
  }

  async list(subject: string): Promise<ListedRow[]> {
    const rows = this.liveRows().filter((row) => row.subject === subject);
    return rows.toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  }

  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    const rows = this.liveRows().filter(
      (row) => row.subject === subject && !(except && row.key.equals(except)),
    );
    for (const { key } of rows) await this.destroy(key, deadline);
    return rows.length;
  }

  async count(seenAfter?: Date): Promise<number> {
    const rows = this.liveRows();
    return seenAfter ? rows.filter(({ lastSeenAt }) => lastSeenAt > seenAfter).length : rows.length;
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const now = this.now();
    const rows = this.liveRows().filter((row) => !after || Buffer.compare(row.key, after) > 0);
    rows.sort((a, b) => Buffer.compare(a.key, b.key));
    return rows.slice(0, limit).map((row) => ({ ...row, now }));
  }

  private liveRow(key: Buffer): StoredRow | undefined {
    const row = this.rows.get(nameOf(key));
    return row?.state === 'live' && row.deadline > this.now() ? row : undefined;
  }

  private liveRows(): StoredRow[] {
    const now = this.now();
    return [...this.rows.values()].filter((row) => row.state === 'live' && row.deadline > now);
  }
}

/** Returns a key as text: a Map compares Buffers by identity. */
const nameOf = (key: Buffer) => key.toString('latin1');

/** Returns a store in the memory of this process. The application does not start with it unless `NODE_ENV` is
 *  `development` or `test`, or {@link MemoryStoreOptions.allowInProduction} is set. */
export const memoryStore = (options?: MemoryStoreOptions): MemoryStore => new MemoryStore(options);
