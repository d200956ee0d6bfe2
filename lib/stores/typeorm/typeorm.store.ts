import type { DataSource, DataSourceOptions } from 'typeorm';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  RowState,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../session-store.interface.js';
import { resolveDataSource } from './data-source.js';
import { Executor, type ExecuteResult } from './executor.js';
import { createTableSql, DEFAULT_TABLE, type SessionTable } from './session-table.js';
import { STATE, statements, type StatementName } from './statements.js';
import { pruneBatches } from '../prune-batches.js';

export interface TypeOrmStoreOptions extends SessionTable {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of our own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSource | string | DataSourceOptions;
  /** Name and prepare statements. Switch it off behind a transaction pooler that does not follow prepared statements
   *  (PgBouncer before 1.21). @default true */
  readonly prepared?: boolean;
  /** Rows that one prune statement removes. @default 10000 */
  readonly pruneBatch?: number;
}

const STATES: readonly RowState[] = ['live', 'moved', 'ended'];
const NO_KEY = Buffer.alloc(0);
/** What CockroachDB and serializable transactions answer instead of a row count. */
const RETRY = new Set(['40001', '40P01']);
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
const NO_PRIVILEGE = '42501';

const tableFault = (message: string) => new SessionConfigError([{ path: 'store.table', message }]);

/** Sessions in Postgres, one row each, one statement for a read, one for a write, one for a move. */
export class TypeOrmStore implements SessionStore {
  readonly kind = 'postgres';
  readonly name: string;
  readonly guarded = true;
  private executor: Executor<StatementName> | undefined;
  private own: DataSource | undefined;
  /** Milliseconds that the database's clock is ahead of ours, as of the last row read. */
  private clockOffset = 0;

  constructor(private readonly options: TypeOrmStoreOptions = {}) {
    this.name = options.table ?? DEFAULT_TABLE;
  }

  async open(resolve: ResolveToken): Promise<void> {
    const { dataSource, ours } = await resolveDataSource(this.options.dataSource, resolve);
    if (ours) this.own = dataSource;
    this.executor = new Executor(dataSource, statements(this.options), this.options.prepared ?? true);
    await this.check();
  }

  async close(): Promise<void> {
    await this.own?.destroy();
    this.own = undefined;
  }

  now(): Date {
    return new Date(Date.now() + this.clockOffset);
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.run('load', [key]).then(({ rows }) => rows[0] && this.loaded(key, rows[0]));
  }

  async create(row: SessionRow): Promise<void> {
    await this.run('create', insertValues(row)).catch(duplicateOr);
  }

  async replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    const values = [row.key, row.sealed, row.subject ?? null, row.lastSeenAt, row.deadline, version];
    return this.guardedRun('replace', values);
  }

  async move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const old = [oldKey, version, tombstone.sealed, tombstone.deadline, STATE[tombstone.state]];
    return this.guardedRun('move', [...old, ...insertValues(row)]);
  }

  async destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return (await this.run('destroy', [key, deadline])).affected > 0;
  }

  async touch(row: SessionRow, version: number): Promise<void> {
    await this.run('touch', [row.key, row.sealed, row.lastSeenAt, row.deadline, version]);
  }

  /** In batches that skip rows another process is at. */
  prune(): Promise<number> {
    const { pruneBatch = 10_000 } = this.options;
    return pruneBatches(pruneBatch, () => this.run('prune', [pruneBatch]));
  }

  async list(subject: string): Promise<ListedRow[]> {
    const { rows } = await this.run('list', [subject]);
    return rows.map((row) => ({
      key: row['key'] as Buffer,
      subject: row['subject'] as string,
      createdAt: row['created_at'] as Date,
      lastSeenAt: row['last_seen_at'] as Date,
    }));
  }

  /** Repeats until twice nothing is left: a row that was being moved while the statement ran does not count there, and
   *  turns up under its new key only in the next statement's snapshot. */
  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    let ended = 0;
    for (let quiet = 0; quiet < 2;) {
      const { affected } = await this.run('destroySubject', [subject, deadline, except ?? NO_KEY]);
      ended += affected;
      quiet = affected ? 0 : quiet + 1;
    }
    return ended;
  }

  async count(): Promise<number> {
    const { rows } = await this.run('count');
    return Number(rows[0]!['count']);
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const { rows } = await this.run('scan', [after ?? NO_KEY, limit]);
    return rows.map((row) => this.found(row));
  }

  /** Learns the database's clock and that the table is there, with the remedy if it is not. */
  private async check(): Promise<void> {
    try {
      await this.run('check');
    } catch (error) {
      throw this.explain(error);
    }
    const { rows } = await this.run('now');
    this.learnClock(rows[0]!['now'] as number);
  }

  private explain(error: unknown): unknown {
    const reason = error instanceof SessionStoreError ? error.reason : undefined;
    if (reason === UNDEFINED_COLUMN)
      return tableFault(
        `"${this.name}" has not the columns of this version: it belongs to something else; name another by typeOrmStore({ table })`,
      );
    if (reason === NO_PRIVILEGE)
      return tableFault(`"${this.name}" may not be read by this user; GRANT SELECT, INSERT, UPDATE, DELETE`);
    if (reason !== UNDEFINED_TABLE) return error;
    const sql = createTableSql(this.options).join(';\n');
    return tableFault(
      `"${this.name}" does not exist; add sessionMigration() to the DataSource's migrations and run them, or run:\n${sql};`,
    );
  }

  private async guardedRun(name: 'replace' | 'move', values: unknown[]): Promise<ReplaceResult> {
    try {
      return (await this.run(name, values)).affected ? 'saved' : 'conflict';
    } catch (error) {
      if (error instanceof SessionStoreError && RETRY.has(error.reason)) return 'conflict';
      throw error;
    }
  }

  private run(...args: Parameters<Executor<StatementName>['run']>): Promise<ExecuteResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError(args[0], 'not open'));
    return this.executor.run(...args);
  }

  private loaded(key: Buffer, row: Record<string, unknown>): LoadedRow {
    return {
      key,
      sealed: row['sealed'] as Buffer,
      version: row['version'] as number,
      state: STATES[row['state'] as number] ?? 'ended',
      now: this.learnClock(row['now'] as number),
    };
  }

  private found(row: Record<string, unknown>): FoundRow {
    return {
      ...this.loaded(row['key'] as Buffer, row),
      subject: (row['subject'] as string | null) ?? undefined,
      createdAt: row['created_at'] as Date,
      lastSeenAt: row['last_seen_at'] as Date,
      deadline: row['deadline'] as Date,
    };
  }

  private learnClock(now: number): Date {
    this.clockOffset = now - Date.now();
    return new Date(now);
  }
}

const insertValues = (row: SessionRow) => [
  row.key,
  row.sealed,
  row.subject ?? null,
  row.createdAt,
  row.lastSeenAt,
  row.deadline,
];

/** Sessions in Postgres through TypeORM. */
export const typeOrmStore = (options?: TypeOrmStoreOptions): TypeOrmStore => new TypeOrmStore(options);

/** SQLSTATE: there is a row of that key. */
const UNIQUE_VIOLATION = '23505';

function duplicateOr(error: unknown): never {
  const taken = error instanceof SessionStoreError && error.reason === UNIQUE_VIOLATION;
  throw taken ? new SessionStoreError('create', 'duplicate') : error;
}
