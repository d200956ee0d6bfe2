import type { DataSource, DataSourceOptions } from 'typeorm';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../session-store.interface.js';
import { pruneBatches } from '../prune-batches.js';
import { resolveDataSource } from './data-source.js';
import { Executor, type ExecuteResult } from './executor.js';
import { foundRow, insertValues, listedRow, loadedRow } from './row-columns.js';
import { createTableSql } from './session-table.js';
import { STATE, statements, type StatementName } from './statements.js';
import { columnNames, tableFaultOf } from './table-fault.js';
import { DEFAULT_TABLE, placeOf, qualifiedName, type SessionTable, type TablePlace } from './table-place.js';

export interface TypeOrmStoreOptions extends SessionTable {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of the store's own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSource | string | DataSourceOptions;
  /** Names and prepares the statements. Switch it off behind a transaction pooler that does not follow prepared statements
   *  (PgBouncer before 1.21). @default true */
  readonly prepared?: boolean;
  /** Rows that one prune statement removes. @default 10000 */
  readonly pruneBatch?: number;
}

/** The parameter for "no key". It sorts before every key and equals none. */
const NO_KEY = Buffer.alloc(0);

/** SQLSTATEs of a serialization failure and of a deadlock, which CockroachDB and strict isolation levels report. The
 *  statement has done nothing, so the caller may try again with the row as it is now. */
const RETRY = new Set(['40001', '40P01']);

/** SQLSTATE: there is a row with this key. */
const UNIQUE_VIOLATION = '23505';

/** Keeps sessions in Postgres: one row for each session, and one statement for a read, a write or a move. */
export class TypeOrmStore implements SessionStore {
  readonly kind = 'postgres';
  readonly name: string;
  readonly guarded = true;
  private executor: Executor<StatementName> | undefined;
  /** The DataSource, if this store has created it. */
  private ownDataSource: DataSource | undefined;
  /** Milliseconds that the database's clock is ahead of ours, measured at the last row. */
  private clockOffset = 0;

  constructor(private readonly options: TypeOrmStoreOptions = {}) {
    this.name = options.table ?? DEFAULT_TABLE;
  }

  /** Connects and checks the table. Rejects with a SessionConfigError that says what to do if the DataSource or the table
   *  cannot be used. */
  async open(resolve: ResolveToken): Promise<void> {
    const { dataSource, ours } = await resolveDataSource(this.options.dataSource, resolve);
    if (ours) this.ownDataSource = dataSource;
    const place = placeOf(this.options, dataSource);
    this.executor = new Executor(dataSource, statements(place), this.options.prepared ?? true);
    await this.checkTable(place, dataSource);
    const { rows } = await this.run('now');
    this.learnClock(rows[0]!['now'] as number);
  }

  /** Closes the connection, unless it is the application's. */
  async close(): Promise<void> {
    await this.ownDataSource?.destroy();
    this.ownDataSource = undefined;
  }

  now(): Date {
    return new Date(Date.now() + this.clockOffset);
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.run('load', [key]).then(
      ({ rows: [row] }) => row && loadedRow(key, row, this.learnClock(row['now'] as number)),
    );
  }

  async create(row: SessionRow): Promise<void> {
    try {
      await this.run('create', insertValues(row));
    } catch (error) {
      const isTaken = error instanceof SessionStoreError && error.reason === UNIQUE_VIOLATION;
      throw isTaken ? new SessionStoreError('create', 'duplicate') : error;
    }
  }

  async replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    const values = [row.key, row.sealed, row.subject ?? null, row.lastSeenAt, row.deadline, version];
    return this.runGuarded('replace', values);
  }

  async move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const old = [oldKey, version, tombstone.sealed, tombstone.deadline, STATE[tombstone.state]];
    return this.runGuarded('move', [...old, ...insertValues(row)]);
  }

  async destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return (await this.run('destroy', [key, deadline])).affected > 0;
  }

  async touch(row: SessionRow, version: number): Promise<void> {
    await this.run('touch', [row.key, row.sealed, row.lastSeenAt, row.deadline, version]);
  }

  /** Removes expired rows in batches and skips rows that another process has locked. */
  prune(): Promise<number> {
    const { pruneBatch = 10_000 } = this.options;
    return pruneBatches(pruneBatch, () => this.run('prune', [pruneBatch]));
  }

  async list(subject: string): Promise<ListedRow[]> {
    const { rows } = await this.run('list', [subject]);
    return rows.map(listedRow);
  }

  /** Repeats the statement until it has found nothing twice in a row. A row that is being moved while the statement runs is
   *  missed, and only a later statement sees the new row. */
  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    let ended = 0;
    for (let emptyRuns = 0; emptyRuns < 2;) {
      const { affected } = await this.run('destroySubject', [subject, deadline, except ?? NO_KEY]);
      ended += affected;
      emptyRuns = affected ? 0 : emptyRuns + 1;
    }
    return ended;
  }

  async count(): Promise<number> {
    const { rows } = await this.run('count');
    return Number(rows[0]!['count']);
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const { rows } = await this.run('scan', [after ?? NO_KEY, limit]);
    return rows.map((row) => foundRow(row, this.learnClock(row['now'] as number)));
  }

  private async checkTable(place: TablePlace, dataSource: DataSource): Promise<void> {
    try {
      await this.run('check');
    } catch (error) {
      throw await tableFaultOf(error, {
        place,
        maker: 'typeOrmStore',
        remedy:
          "add sessionMigration() to the DataSource's migrations and run them, or run:\n" +
          `${createTableSql(this.options, dataSource).join(';\n')};`,
        columns: () => this.run('columns', [qualifiedName(place)]).then(columnNames, () => []),
      });
    }
  }

  /** Runs a write that is guarded by the version. */
  private async runGuarded(name: 'replace' | 'move', values: unknown[]): Promise<ReplaceResult> {
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

  /** Remembers how far the database's clock is ahead and returns its time. */
  private learnClock(now: number): Date {
    this.clockOffset = now - Date.now();
    return new Date(now);
  }
}

/** Returns a store that keeps sessions in Postgres through TypeORM. */
export const typeOrmStore = (options?: TypeOrmStoreOptions): TypeOrmStore => new TypeOrmStore(options);
