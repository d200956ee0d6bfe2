import type { DataSource, DataSourceOptions } from 'typeorm';
import type { Awaitable } from '../../crypto/awaitable.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  RowChange,
  SessionRow,
  SessionStore,
  StoreLimits,
  Tombstone,
} from '../session-store.interface.js';
import { pruneBatches } from '../prune-batches.js';
import { DEFAULT_LIMITS, Executor, type ExecuteResult } from '../sql/executor.js';
import { JoinedLoads } from '../sql/joined-loads.js';
import { SubjectColumn } from '../sql/subject-column.js';
import { DataSourceConnections } from './data-source-connections.js';
import { resolveDataSource } from './data-source.js';
import { foundRow, insertValues, listedRow, loadedRow } from './row-columns.js';
import { createTableSql } from './session-table.js';
import { keysOf, STATE, statements, type StatementName } from './statements.js';
import { columnNames, tableFaultOf } from './table-fault.js';
import { DEFAULT_TABLE, placeOf, qualifiedName, type SessionTable, type TablePlace } from './table-place.js';

export interface TypeOrmStoreOptions extends SessionTable {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of the store's own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSource | string | DataSourceOptions;
  /** Names and prepares the statements. Switch it off behind a transaction pooler that does not follow prepared statements
   *  (PgBouncer before 1.21). @default true */
  readonly prepared?: boolean;
  /** Loads of several sessions that wait in the same tick go as one statement. Switch it off where the rows of the table are
   *  spread over several servers by a proxy that the store cannot see.
   *  @default true; false on Citus, CockroachDB and YugabyteDB */
  readonly joinLoads?: boolean;
  /** Rows that one prune statement removes. @default 10000 */
  readonly pruneBatch?: number;
}

/** The parameter for "no key". It sorts before every key and equals none. */
const NO_KEY = Buffer.alloc(0);

/** A moment before every session. */
const BEGINNING = new Date(0);

/** SQLSTATE: there is a row with this key. */
const UNIQUE_VIOLATION = '23505';

/** Keeps sessions in Postgres: one row for each session, and one statement for a read, a write or a move. */
export class TypeOrmStore implements SessionStore {
  readonly kind = 'postgres';
  readonly name: string;
  readonly guarded = true;
  private executor: Executor<StatementName> | undefined;
  private connections: DataSourceConnections | undefined;
  /** The DataSource, if this store has created it. */
  private ownDataSource: DataSource | undefined;
  private subjects = new SubjectColumn();
  /** Absent where each load is a statement of its own. */
  private loads: JoinedLoads<LoadedRow> | undefined;

  constructor(private readonly options: TypeOrmStoreOptions = {}) {
    this.name = options.table ?? DEFAULT_TABLE;
  }

  /** Connects and checks the table. Rejects with a SessionConfigError that says what to do if the DataSource or the table
   *  cannot be used; nothing stays open then. */
  async open(resolve: ResolveToken, limits: StoreLimits = DEFAULT_LIMITS): Promise<void> {
    await this.close(); // what an earlier call has opened
    try {
      await this.connect(resolve, limits);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async connect(resolve: ResolveToken, { timeout }: StoreLimits): Promise<void> {
    const { dataSource, ours } = await resolveDataSource(this.options.dataSource, resolve);
    if (ours) this.ownDataSource = dataSource;
    const place = placeOf(this.options, dataSource);
    const connections = (this.connections = new DataSourceConnections(dataSource));
    const { prepared = true } = this.options;
    this.executor = new Executor(() => connections.get(), statements(place), { prepared, timeout });
    await this.checkTable(place, dataSource);
    const [server] = (await this.run('now')).rows;
    this.subjects = new SubjectColumn(server!['encoding'] as string);
    const { joinLoads = !Number(server!['sharded']) } = this.options;
    this.loads = joinLoads ? new JoinedLoads(this.loader, this.executor.budget) : undefined;
  }

  /** Closes the connection, unless it is the application's. */
  async close(): Promise<void> {
    this.connections?.close();
    this.connections = undefined;
    await this.ownDataSource?.destroy();
    this.ownDataSource = undefined;
  }

  now(): Date {
    return this.executor?.clock.now() ?? new Date();
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.loads ? this.loads.load(key) : this.loader.one(key);
  }

  private readonly loader = {
    one: (key: Buffer, end?: number): Promise<LoadedRow | undefined> =>
      this.run('load', [key], end).then(({ rows: [row] }) => row && loadedRow(key, row, clockOf(row))),
    many: async (keys: readonly Buffer[], end: number): Promise<(LoadedRow | undefined)[]> => {
      const { rows } = await this.run('loadMany', [keysOf(keys)], end);
      const found = new Map(rows.map((row) => [row['key'], row]));
      return keys.map((key) => {
        const row = found.get(key.toString('base64'));
        return row && loadedRow(key, row, clockOf(row));
      });
    },
  };

  async create(row: SessionRow): Promise<void> {
    try {
      await this.run('create', insertValues(row, this.subjects));
    } catch (error) {
      const isTaken = error instanceof SessionStoreError && error.reason === UNIQUE_VIOLATION;
      throw isTaken ? new SessionStoreError('create', 'duplicate') : error;
    }
  }

  async replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return resultOf(await this.run('replace', this.replaceValues(row, version)));
  }

  async move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    return resultOf(await this.run('move', this.moveValues(oldKey, version, row, tombstone)));
  }

  /** Locks the row by a transaction on one connection. */
  updateLocked(
    key: Buffer,
    change: (current: LoadedRow) => Awaitable<RowChange | undefined>,
  ): Promise<ReplaceResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError('updateLocked', 'not open'));
    return this.executor.transaction('updateLocked', async (run) => {
      const [found] = (await run('lock', [key])).rows;
      if (!found) return 'gone';
      const current = loadedRow(key, found, clockOf(found));
      const changed = await change(current);
      if (!changed) return 'conflict';
      const { row, tombstone } = changed;
      return resultOf(
        tombstone
          ? await run('move', this.moveValues(key, current.version, row, tombstone))
          : await run('replace', this.replaceValues(row, current.version)),
      );
    });
  }

  async destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return (await this.run('destroy', [key, deadline.getTime()])).affected > 0;
  }

  async touch({ key, sealed, lastSeenAt, deadline }: SessionRow, version: number): Promise<void> {
    await this.run('touch', [key, sealed, lastSeenAt.getTime(), deadline.getTime(), version]);
  }

  /** Removes expired rows in batches and skips rows that another process has locked. */
  prune(): Promise<number> {
    const { pruneBatch = 10_000 } = this.options;
    return pruneBatches(pruneBatch, () => this.run('prune', [pruneBatch]));
  }

  async list(subject: string): Promise<ListedRow[]> {
    const { rows } = await this.run('list', [this.subjects.write(subject)]);
    return rows.map((row) => listedRow(row, subject));
  }

  /** Repeats the statement until it has found nothing twice in a row. A row that is being moved while the statement runs is
   *  missed, and only a later statement sees the new row. */
  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    let ended = 0;
    for (let emptyRuns = 0; emptyRuns < 2;) {
      const values = [this.subjects.write(subject), deadline.getTime(), except ?? NO_KEY];
      const { affected } = await this.run('destroySubject', values);
      ended += affected;
      emptyRuns = affected ? 0 : emptyRuns + 1;
    }
    return ended;
  }

  async count(seenAfter: Date = BEGINNING): Promise<number> {
    const { rows } = await this.run('count', [seenAfter.getTime()]);
    return Number(rows[0]!['count']);
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const { rows } = await this.run('scan', [after ?? NO_KEY, limit]);
    return rows.map((row) => foundRow(row, this.subjects, clockOf(row)));
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

  private replaceValues({ key, sealed, subject, lastSeenAt, deadline }: SessionRow, version: number) {
    return [key, sealed, this.subjects.write(subject), lastSeenAt.getTime(), deadline.getTime(), version];
  }

  private moveValues(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    { sealed, deadline, state }: Tombstone,
  ) {
    const old = [oldKey, version, sealed, deadline.getTime(), STATE[state]];
    return [...old, ...insertValues(row, this.subjects)];
  }

  private run(...args: Parameters<Executor<StatementName>['run']>): Promise<ExecuteResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError(args[0], 'not open'));
    return this.executor.run(...args);
  }
}

const resultOf = ({ affected }: ExecuteResult): ReplaceResult => (affected ? 'saved' : 'conflict');

/** The database's time when a row was read. */
const clockOf = (row: Record<string, unknown>): Date => new Date(Number(row['now']));

/** Returns a store that keeps sessions in Postgres through TypeORM. */
export const typeOrmStore = (options?: TypeOrmStoreOptions): TypeOrmStore => new TypeOrmStore(options);
