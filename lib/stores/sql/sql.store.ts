import { randomBytes, randomInt } from 'node:crypto';
import type { Awaitable } from '../../crypto/awaitable.js';
import { checkNames, type OptionNames } from '../../errors/check-names.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { openAnew } from '../open-anew.js';
import type { SessionLocks } from '../session-locks.interface.js';
import { pruneBatches } from '../prune-batches.js';
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
import type { Database } from './database.interface.js';
import { DEFAULT_LIMITS, Executor, type ExecuteResult, type Run } from './executor.js';
import { JoinedLoads } from './joined-loads.js';
import { READ_ONLY, refuseReplica } from './primary-check.js';
import { foundRow, insertValues, listedRow, loadedRow } from './row-columns.js';
import { checkDivision, checkPartitions, type SessionTableLayout } from './partitions.js';
import { createTable, type MadeTable } from './create-table.js';
import { createTableSql, placeOnly, sessionTable } from './session-table.js';
import { sqlLocks } from './sql-locks.js';
import { keysOf, STATE, statements, type StatementName } from './statements.js';
import { SubjectColumn } from './subject-column.js';
import { columnNames, tableFaultOf, type UnusableTable } from './table-fault.js';
import { DEFAULT_TABLE, placeOf, qualifiedName, type TableNaming } from './table-place.js';

export interface SqlStoreOptions extends SessionTableLayout {
  /** Names and prepares the statements. Switch it off behind a transaction pooler that does not follow prepared statements
   *  (PgBouncer before 1.21). @default true */
  readonly prepared?: boolean;
  /** Loads of several sessions that wait in the same tick go as one statement. Switch it off where the rows of the table are
   *  spread over several servers by a proxy that the store cannot see.
   *  @default true; false on Citus, CockroachDB and YugabyteDB */
  readonly joinLoads?: boolean;
  /** Takes sessions from a replica (a hot standby) too. A replica shows a session for a while after its logout, and takes no
   *  writes, so an application there can only read. Without it, a connection that leads to a replica is dropped, and a request
   *  that finds no primary gets 503.
   *  @default false */
  readonly allowReplica?: boolean;
  /** Rows that one prune statement removes. @default 1000 */
  readonly pruneBatch?: number;
}

/** The names of {@link SqlStoreOptions}. */
const NAMES: OptionNames<SqlStoreOptions> = {
  table: true,
  schema: true,
  partitions: true,
  prepared: true,
  joinLoads: true,
  allowReplica: true,
  pruneBatch: true,
};

/** Throws a SessionConfigError for an unknown option. `own` are the names that only this store has. A member that is a
 *  function is no option unless it is one of them, so that a database with methods can be passed beside its `dataSource`. */
export function checkStoreNames(
  maker: string,
  options: SqlStoreOptions,
  own: Readonly<Record<string, true>>,
): void {
  checkNames(`${maker}()`, options, { ...NAMES, ...own }, (value) => typeof value === 'function');
  checkPartitions(options);
}

/** The parameter for "no key". It sorts before every key and equals none. */
const NO_KEY = Buffer.alloc(0);

/** A moment before every session. */
const BEGINNING = new Date(0);

/** Sessions of a subject that one statement lists. */
const LIST_PAGE = 1000;

/** Pages of 8 KB that an estimate reads: about 50,000 sessions, so that the estimate is off by two percent or so. */
const SAMPLE_PAGES = 4000;

/** SQLSTATE: there is a row with this key. */
const UNIQUE_VIOLATION = '23505';

/** Keeps sessions in Postgres: one row for each session, and one statement for a read, a write or a move. A subclass says
 *  where the connections come from. */
export abstract class SqlStore implements SessionStore {
  readonly kind = 'postgres';
  readonly name: string;
  readonly guarded = true;
  readonly locks: SessionLocks = sqlLocks((...args) => this.run(...args));
  readonly listsAll = true;
  private executor: Executor<StatementName> | undefined;
  private database: Database | undefined;
  private subjects = new SubjectColumn();
  /** The table has partitions, whatever the options say. */
  private isDivided = false;
  /** Absent where each load is a statement of its own. */
  private loads: JoinedLoads<LoadedRow> | undefined;

  /** A private field: options may hold the password of the database. */
  readonly #options: SqlStoreOptions;

  protected constructor(
    options: SqlStoreOptions,
    private readonly maker: UnusableTable['maker'],
    /** How an application makes the table, for the error that says that it is missing. */
    private readonly remedy: string,
  ) {
    this.#options = options;
    this.name = options.table ?? DEFAULT_TABLE;
  }

  /** Finds the database that the options mean. Rejects with a SessionConfigError if there is none. */
  protected abstract findDatabase(resolve: ResolveToken): Awaitable<Database>;

  /** Connects and checks the table. Rejects with a SessionConfigError that says what to do if the database or the table
   *  cannot be used; nothing stays open then. */
  open(resolve: ResolveToken, limits: StoreLimits = DEFAULT_LIMITS): Promise<void> {
    return openAnew(this, () => this.connect(resolve, limits));
  }

  private async connect(resolve: ResolveToken, { timeout }: StoreLimits): Promise<void> {
    const database = (this.database = await this.findDatabase(resolve));
    const { prepared = true, allowReplica } = this.#options;
    const place = placeOf(this.#options, database.naming);
    const options = { prepared, timeout, allowReplica };
    this.executor = new Executor(() => database.connections(), statements(place), options);
    if (!allowReplica) await refuseReplica(() => this.run('role'));
    await this.checkTable(database.naming);
    const partitions = numberOf(await this.run('partitions', [qualifiedName(place)]));
    checkDivision(place, this.#options.partitions, partitions);
    this.isDivided = partitions > 0;
    const [server] = (await this.run('now')).rows;
    this.subjects = new SubjectColumn(server!['encoding'] as string);
    const { joinLoads = !Number(server!['sharded']) } = this.#options;
    this.loads = joinLoads ? new JoinedLoads(this.loader, this.executor.budget) : undefined;
  }

  /** Creates the table unless it is there. It is for a store that is not open. */
  async createTable(resolve: ResolveToken, limits?: StoreLimits): Promise<MadeTable> {
    const place = { where: placeOnly(this.#options), path: 'store.table' };
    return createTable(await this.findDatabase(resolve), sessionTable(this.#options), place, limits);
  }

  /** Closes the connections, unless they are the application's. */
  async close(): Promise<void> {
    const { database } = this;
    this.database = undefined;
    await database?.close();
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
      const statement = this.isDivided ? 'loadManyDivided' : 'loadMany';
      const { rows } = await this.run(statement, [keysOf(keys)], end);
      const found = new Map(rows.map((row) => [row['key'], row]));
      return keys.map((key) => {
        const row = found.get(key.toString('base64'));
        return row && loadedRow(key, row, clockOf(row));
      });
    },
  };

  create(row: SessionRow, until?: number): Promise<void> {
    const failed = (error: unknown) => {
      const isTaken = error instanceof SessionStoreError && error.reason === UNIQUE_VIOLATION;
      throw isTaken ? new SessionStoreError('create', 'duplicate') : error;
    };
    return this.write('create', insertValues(row, this.subjects), until).then(() => undefined, failed);
  }

  replace(row: SessionRow, version: number, until?: number): Promise<ReplaceResult> {
    return this.write('replace', this.replaceValues(row, version), until).then(resultOf);
  }

  async move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until?: number,
  ): Promise<ReplaceResult> {
    return resultOf(await this.write('move', this.moveValues(oldKey, version, row, tombstone), until));
  }

  /** {@link SessionStore.updateLocked}, for stores whose connections can have a transaction: it locks the row by one on one
   *  connection. */
  protected lockedUpdate(
    key: Buffer,
    change: (current: LoadedRow) => Awaitable<RowChange | undefined>,
    until?: number,
  ): Promise<ReplaceResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError('updateLocked', 'not open'));
    const update = async (run: Run<StatementName>): Promise<ReplaceResult> => {
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
    };
    return this.executor.transaction('updateLocked', update, until);
  }

  async destroy(key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    const { affected, again } = await this.write('destroy', [key, deadline.getTime()], until);
    return affected > 0 || (!!again && (await this.load(key))?.state === 'ended');
  }

  async touch({ key, sealed, lastSeenAt, deadline }: SessionRow, version: number): Promise<boolean> {
    const values = [key, sealed, lastSeenAt.getTime(), deadline.getTime(), version];
    return (await this.run('touch', values)).affected > 0;
  }

  /** Removes expired rows in batches and skips rows that another process has locked. */
  prune(): Promise<number> {
    const { pruneBatch = 1000 } = this.#options;
    const statement = this.isDivided ? 'pruneDivided' : 'prune';
    return pruneBatches(pruneBatch, () => this.run(statement, [pruneBatch]).then(numberOf));
  }

  /** Reads in pages, in the order of keys, since a session is seen at any time meanwhile. */
  async list(subject: string): Promise<ListedRow[]> {
    const found: ListedRow[] = [];
    for (let after: Buffer = NO_KEY; ;) {
      const { rows } = await this.run('list', [this.subjects.write(subject), after, LIST_PAGE]);
      found.push(...rows.map((row) => listedRow(row, subject)));
      if (rows.length < LIST_PAGE) break;
      after = found.at(-1)!.key;
    }
    return found.toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  }

  /** Repeats the statement until it has found nothing twice in a row. A row that is being moved while the statement runs is
   *  missed, and only a later statement sees the new row. */
  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    const own = deadline.getTime() + randomInt(1000); // tells its tombstones from those of others
    const values = [this.subjects.write(subject), own, except ?? NO_KEY];
    let [ended, isUnsure] = [0, false];
    for (let emptyRuns = 0; emptyRuns < 2;) {
      const { affected, again = false } = await this.run('destroySubject', values);
      ended += affected;
      isUnsure ||= again;
      emptyRuns = affected ? 0 : emptyRuns + 1;
    }
    return isUnsure ? numberOf(await this.run('countEnded', values)) : ended;
  }

  async count(seenAfter: Date = BEGINNING): Promise<number> {
    return numberOf(await this.run('count', [seenAfter.getTime()]));
  }

  /** Counts a sample of the table's pages. A table that is no larger than the sample is counted. */
  async estimate(seenAfter: Date = BEGINNING): Promise<number> {
    const place = qualifiedName(placeOf(this.#options, this.database?.naming));
    const pages = numberOf(await this.run('pages', [place]));
    if (pages <= SAMPLE_PAGES) return this.count(seenAfter);
    const part = SAMPLE_PAGES / pages;
    return Math.round(numberOf(await this.run('sample', [seenAfter.getTime(), 100 * part])) / part);
  }

  /** Moves a session that does not exist. The statement needs every right that requests need, and changes nothing. */
  async ping(): Promise<'read-only' | void> {
    const [key, sealed, at] = [randomBytes(32), Buffer.alloc(0), BEGINNING];
    const times = { createdAt: at, lastSeenAt: at, deadline: at };
    const row = { key, sealed, subject: undefined, ...times };
    const moved = this.move(key, 1, row, { state: 'ended', sealed, deadline: at });
    return moved.then(
      () => undefined,
      (error: unknown) => {
        if (this.#options.allowReplica && reasonOf(error) === READ_ONLY) return 'read-only';
        throw error;
      },
    );
  }

  async scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    const { rows } = await this.run('scan', [after ?? NO_KEY, limit]);
    return rows.map((row) => foundRow(row, this.subjects, clockOf(row)));
  }

  private async checkTable(naming: TableNaming | undefined): Promise<void> {
    const place = placeOf(this.#options, naming);
    try {
      await this.run('check');
    } catch (error) {
      throw await tableFaultOf(error, {
        place,
        maker: this.maker,
        remedy: `${this.remedy}:\n${createTableSql(layoutOf(this.#options), naming).join(';\n')};`,
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

  /** Runs a statement that does nothing after `until`, when whoever waits for it has given up. */
  private write(name: StatementName, values: unknown[], until: number | undefined): Promise<ExecuteResult> {
    return this.run(name, values, this.executor?.endBy(until));
  }

  private run(...args: Parameters<Executor<StatementName>['run']>): Promise<ExecuteResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError(args[0], 'not open'));
    return this.executor.run(...args);
  }
}

const reasonOf = (error: unknown) => (error as Partial<SessionStoreError>).reason;

const layoutOf = ({ table, schema, partitions }: SqlStoreOptions) => ({ table, schema, partitions });

const resultOf = ({ affected }: ExecuteResult): ReplaceResult => (affected ? 'saved' : 'conflict');

/** The result of a statement that counts. */
const numberOf = ({ rows }: ExecuteResult): number => Number(rows[0]!['count']);

/** The database's time when a row was read. */
const clockOf = (row: Record<string, unknown>): Date => new Date(Number(row['now']));
