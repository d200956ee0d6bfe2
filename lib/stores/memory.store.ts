import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
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
  /** Allow it outside development and test, where every restart ends all sessions. @default false */
  readonly allowInProduction?: boolean;
  /** The clock. @default () => new Date() */
  readonly now?: () => Date;
}

interface Held extends SessionRow {
  readonly version: number;
  readonly state: RowState;
}

/** Sessions in this process, for development and tests. Sealed and guarded like any other store. */
export class MemoryStore implements SessionStore {
  readonly kind = 'memory';
  readonly name = 'memory';
  readonly guarded = true;
  readonly now: () => Date;
  private readonly rows = new Map<string, Held>();

  constructor(private readonly options: MemoryStoreOptions = {}) {
    this.now = options.now ?? (() => new Date());
  }

  open(): void {
    const environment = process.env['NODE_ENV'];
    if (this.options.allowInProduction || environment === 'development' || environment === 'test') return;
    throw new SessionConfigError([
      {
        path: 'store',
        message:
          'memoryStore() forgets all sessions at a restart, so it needs NODE_ENV "development" or "test"; ' +
          'use cookieStore() or typeOrmStore(), or say memoryStore({ allowInProduction: true })',
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
    const held = this.live(row.key);
    if (!held) return 'gone';
    if (held.version !== version) return 'conflict';
    this.rows.set(nameOf(row.key), { ...row, version: version + 1, state: 'live' });
    return 'saved';
  }

  async move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const held = this.live(oldKey);
    if (!held) return 'gone';
    if (held.version !== version) return 'conflict';
    this.rows.set(nameOf(oldKey), { ...held, ...tombstone, version: version + 1 });
    this.rows.set(nameOf(row.key), { ...row, version: 1, state: 'live' });
    return 'saved';
  }

  async destroy(key: Buffer, deadline: Date): Promise<boolean> {
    const held = this.live(key);
    if (!held) return false;
    this.rows.set(nameOf(key), { ...held, sealed: Buffer.alloc(0), state: 'ended', deadline });
    return true;
  }

  async touch(row: SessionRow, version: number): Promise<void> {
    if (this.live(row.key)?.version === version)
      this.rows.set(nameOf(row.key), { ...row, version, state: 'live' });
  }

  async prune(): Promise<number> {
    const now = this.now();
    const dead = [...this.rows].filter(([, row]) => row.deadline <= now);
    for (const [name] of dead) this.rows.delete(name);
    return dead.length;
  }

  async list(subject: string): Promise<ListedRow[]> {
    const own = this.alive().filter((row) => row.subject === subject);
    return own.toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  }

  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    const own = this.alive().filter((row) => row.subject === subject && !(except && row.key.equals(except)));
    for (const { key } of own) await this.destroy(key, deadline);
    return own.length;
  }

  async count(): Promise<number> {
    return this.alive().length;
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const now = this.now();
    const rows = this.alive().filter((row) => !after || Buffer.compare(row.key, after) > 0);
    rows.sort((a, b) => Buffer.compare(a.key, b.key));
    return rows.slice(0, limit).map((row) => ({ ...row, now }));
  }

  private live(key: Buffer): Held | undefined {
    const row = this.rows.get(nameOf(key));
    return row?.state === 'live' && row.deadline > this.now() ? row : undefined;
  }

  private alive(): Held[] {
    const now = this.now();
    return [...this.rows.values()].filter((row) => row.state === 'live' && row.deadline > now);
  }
}

const nameOf = (key: Buffer) => key.toString('latin1');

/** Sessions in this process. Refuses to start where NODE_ENV is neither `development` nor `test`. */
export const memoryStore = (options?: MemoryStoreOptions): MemoryStore => new MemoryStore(options);
