import type { Awaitable } from '../../crypto/awaitable.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { plainRow, readRow } from '../key-row.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from '../key-row-store.interface.js';
import { openAnew } from '../open-anew.js';
import type { ResolveToken, StoreLimits } from '../session-store.interface.js';
import { DEFAULT_LIMITS, Executor, type ExecuteResult } from './executor.js';
import { createTable, type MadeTable } from './create-table.js';
import { createKeyTableSql, KEY_TABLE } from './key-table.js';
import { keyStatements, type KeyStatementName } from './key-statements.js';
import type { Database } from './database.interface.js';
import { refuseReplica } from './primary-check.js';
import { columnNames, tableFaultOf, type UnusableTable } from './table-fault.js';
import { qualifiedName, type SessionTable, type TableNaming } from './table-place.js';
import { placeIn } from './table-spec.js';

export interface SqlKeyStoreOptions extends SessionTable {
  /** Names and prepares the statements. Switch it off behind a transaction pooler that does not follow prepared statements
   *  (PgBouncer before 1.21). @default true */
  readonly prepared?: boolean;
}

/** The names of {@link SqlKeyStoreOptions}. */
export const KEY_STORE_NAMES = { table: true, schema: true, prepared: true } as const;

/** Keeps the keys of managed rings in Postgres: one row for each key. A subclass says where the connections come from. */
export abstract class SqlKeyStore implements KeyRowStore {
  readonly kind = 'postgres';
  readonly name: string;
  private executor: Executor<KeyStatementName> | undefined;
  private database: Database | undefined;
  /** A private field: options may hold the password of the database. */
  readonly #options: SqlKeyStoreOptions;

  protected constructor(
    options: SqlKeyStoreOptions,
    private readonly maker: UnusableTable['maker'],
    /** How an application makes the table, for the error that says that it is missing. */
    private readonly remedy: string,
  ) {
    this.#options = options;
    this.name = options.table ?? KEY_TABLE.table;
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
    const { prepared = true } = this.#options;
    const place = placeIn(KEY_TABLE, this.#where, database.naming);
    this.executor = new Executor(() => database.connections(), keyStatements(place), { prepared, timeout });
    await refuseReplica(() => this.run('role'));
    await this.checkTable(database.naming);
  }

  /** Creates the table unless it is there. It is for a store that is not open. */
  async createTable(resolve: ResolveToken, limits?: StoreLimits): Promise<MadeTable> {
    const place = { where: this.#where, path: 'crypto.ring.store.table' };
    return createTable(await this.findDatabase(resolve), KEY_TABLE, place, limits);
  }

  /** Closes the connections, unless they are the application's. */
  async close(): Promise<void> {
    const { database } = this;
    this.database = undefined;
    this.executor = undefined;
    await database?.close();
  }

  async load(ring: string): Promise<LoadedKeys> {
    const { rows } = await this.run('loadKeys', [ring]);
    const found = rows.filter(({ id }) => id !== null);
    return { rows: found.map(readRow), now: new Date(Number(rows[0]!['now'])) };
  }

  async insert(ring: string, row: KeyRow): Promise<boolean> {
    return (await this.run('insertKey', valuesOf(ring, row))).affected > 0;
  }

  async update(ring: string, row: KeyRow): Promise<boolean> {
    return (await this.run('updateKey', valuesOf(ring, row))).affected > 0;
  }

  async remove(ring: string, id: number, version: number): Promise<boolean> {
    return (await this.run('removeKey', [ring, id, version])).affected > 0;
  }

  get #where(): SessionTable {
    const { table, schema } = this.#options;
    return { table, schema };
  }

  private async checkTable(naming: TableNaming | undefined): Promise<void> {
    const place = placeIn(KEY_TABLE, this.#where, naming);
    try {
      await this.run('checkKeys');
    } catch (error) {
      throw await tableFaultOf(error, {
        place,
        maker: this.maker,
        path: 'crypto.ring.store.table',
        remedy: `${this.remedy}:\n${createKeyTableSql(this.#where, naming).join(';\n')};`,
        columns: () => this.run('columns', [qualifiedName(place)]).then(columnNames, () => []),
      });
    }
  }

  private run(name: KeyStatementName, values: unknown[] = []): Promise<ExecuteResult> {
    if (!this.executor) return Promise.reject(new SessionStoreError(name, 'not open'));
    return this.executor.run(name, values);
  }
}

/** Returns a row as the parameters of a statement. */
function valuesOf(ring: string, row: KeyRow): unknown[] {
  const { wrapped: _text, ...plain } = plainRow(row);
  return [ring, ...Object.values(plain), row.wrapped];
}
