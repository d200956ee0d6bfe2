import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ForeignParts, ForeignStore } from '../../persistence/foreign-store.interface.js';
import type { SessionRepository } from '../../persistence/session-repository.interface.js';
import { openAnew } from '../../stores/open-anew.js';
import { pruneBatches } from '../../stores/prune-batches.js';
import type { ResolveToken, StoreLimits } from '../../stores/session-store.interface.js';
import type { Executor, ExecuteResult } from '../../stores/sql/executor.js';
import type { Database } from '../../stores/sql/database.interface.js';
import { columnNames, tableFaultOf } from '../../stores/sql/table-fault.js';
import { qualifiedName, type SessionTable, type TablePlace } from '../../stores/sql/table-place.js';
import type { ApacheCodec } from '../text/apache.codec.js';
import type { DataSourceOption } from './data-source-option.js';
import { checkDbdOptions } from './dbd-options.js';
import type { DbdRows } from './dbd-rows.interface.js';
import { dbdPlaceOf, dbdStatements, dbdTableSql, type DbdStatementName } from './dbd-table.js';
import { DbdRepository } from './dbd.repository.js';
import { userKeyOf } from './row-key.js';

/** Options of {@link dbdStore}. */
export interface DbdStoreOptions extends SessionTable {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for a new one.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSourceOption;
  /** Moments at which a session gets a new key. `login`: at login, logout and `regenerate()`. `change`: at every change, as
   *  httpd does; a request that runs at the same time then loses its session.
   *  @default 'login' */
  readonly renewKey?: 'login' | 'change';
  /** Returns the authenticated user of a request, or `undefined` for nobody. With this option, sessions are found by user
   *  and no cookie is sent.
   *  @default sessions are found by cookie
   *  @see httpd `SessionDBDPerUser` */
  readonly perUser?: (request: IncomingMessage) => string | undefined;
  /** Name and prepare statements; see `typeOrmStore()`. @default true */
  readonly prepared?: boolean;
  /** Maximum number of rows that one prune statement deletes. @default 1000 */
  readonly pruneBatch?: number;
}

/** SQLSTATEs of a text that the database's encoding cannot represent. */
const UNKNOWN_LETTERS = new Set(['22021', '22P05']);

/** SQLSTATE of a key that exists already. */
const UNIQUE = '23505';

/** Keeps sessions in the table of httpd's mod_session_dbd and shares them with httpd. */
export class DbdStore implements ForeignStore, DbdRows {
  /** Names the store in messages and in the audit. */
  readonly kind = 'dbd';
  /** Name of the table. */
  readonly name: string;
  /** Schema of the table, if the options name one. */
  readonly schema: string | undefined;
  /** Name of the format of its rows, see `ApacheFormat`. */
  readonly format = 'apache';
  readonly changesKeyOnSave: boolean;
  /** Present only with the option `perUser`. */
  readonly identify?: (request: IncomingMessage) => string | undefined;
  #executor: Executor<DbdStatementName> | undefined;
  #database: Database | undefined;

  /** A private field: the options may hold the password of the database. */
  readonly #options: DbdStoreOptions;

  /** Throws a SessionConfigError that lists every wrong option. */
  constructor(options: DbdStoreOptions = {}) {
    checkDbdOptions(options);
    this.#options = options;
    ({ table: this.name, schema: this.schema } = dbdPlaceOf(options));
    this.changesKeyOnSave = options.renewKey === 'change';
    const { perUser } = options;
    if (perUser) this.identify = (request) => userKeyOf(perUser(request));
  }

  /** Connects to the database and checks the table. TypeORM is loaded here, so that the cookie store works without it.
   *  Rejects with a SessionConfigError if the table or one of its columns is missing; nothing stays open then. */
  open(resolve: ResolveToken, limits?: StoreLimits): Promise<void> {
    return openAnew(this, () => this.connect(resolve, limits));
  }

  private async connect(resolve: ResolveToken, limits?: StoreLimits): Promise<void> {
    const { findDatabase } = await import('../../stores/typeorm/find-database.js');
    const { DEFAULT_LIMITS, Executor } = await import('../../stores/sql/executor.js');
    const database = (this.#database = await findDatabase(this.#options.dataSource, resolve));
    const place = dbdPlaceOf(this.#options, database.naming.options as { schema?: string });
    const { prepared = true } = this.#options;
    const { timeout } = limits ?? DEFAULT_LIMITS;
    this.#executor = new Executor(() => database.connections(), dbdStatements(place), { prepared, timeout });
    await this.run('check').catch((error: unknown) => this.explain(error, place));
    await this.run('now');
  }

  /** Closes the database connection, if `open` made it. */
  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  /** Returns the database's time, as exactly as this process knows it. */
  now(): Date {
    return this.#executor?.clock.now() ?? new Date();
  }

  /** Returns the repository of one set of options. The options have made sure that the format is `apache`. */
  repository(parts: ForeignParts): SessionRepository {
    const codec = parts.codec as ApacheCodec; // the options were checked: crypto.format is apache(…)
    return new DbdRepository(this, { ...parts, codec });
  }

  /** Deletes expired rows in batches and skips rows that another process has locked. Returns the number of rows. */
  prune(): Promise<number> {
    const { pruneBatch = 1000 } = this.#options;
    return pruneBatches(pruneBatch, () => this.run('prune', [pruneBatch]).then(({ affected }) => affected));
  }

  /** Updates a row that does not exist. */
  async ping(): Promise<void> {
    const nobody = randomUUID();
    await this.update(nobody, '', nobody, '', 0n);
  }

  async select(key: string): Promise<string | undefined> {
    const row = (await this.run('select', [key]).catch(noRow)).rows[0];
    return (row?.['value'] as string | null | undefined) ?? undefined;
  }

  async insert(key: string, value: string, expiry: bigint, until?: number): Promise<boolean> {
    try {
      return (await this.write('insert', [value, String(expiry), key], until)).affected > 0;
    } catch (error) {
      if (error instanceof SessionStoreError && error.reason === UNIQUE) return false; // another request was faster
      throw error;
    }
  }

  async update(
    key: string,
    old: string,
    newKey: string,
    value: string,
    expiry: bigint,
    until?: number,
  ): Promise<boolean> {
    return (await this.write('update', [value, String(expiry), newKey, key, old], until)).affected > 0;
  }

  async delete(key: string, until?: number): Promise<void> {
    await this.write('delete', [key], until);
  }

  async deleteDead(key: string): Promise<void> {
    await this.run('deleteDead', [key]);
  }

  /** Runs a statement that does nothing after `until`, when whoever waits for it has given up. */
  private write(
    name: DbdStatementName,
    values: unknown[],
    until: number | undefined,
  ): Promise<ExecuteResult> {
    return this.run(name, values, this.#executor?.endBy(until));
  }

  private run(name: DbdStatementName, values: unknown[] = [], end?: number): Promise<ExecuteResult> {
    if (!this.#executor) return Promise.reject(new SessionStoreError(name, 'not open'));
    return this.#executor.run(name, values, end);
  }

  /** Turns the error of a missing table, or of another program's, into one that says what to do. */
  private async explain(error: unknown, place: TablePlace): Promise<never> {
    throw await tableFaultOf(error, {
      place,
      maker: 'dbdStore',
      remedy: `name another table with dbdStore({ table, schema }), or run:\n${dbdTableSql(place).join(';\n')};`,
      columns: () => this.run('columns', [qualifiedName(place)]).then(columnNames, () => []),
    });
  }
}

/** The table cannot have a row whose key has letters that the database's encoding lacks. Such a user has no session. */
function noRow(error: unknown): ExecuteResult {
  if (error instanceof SessionStoreError && UNKNOWN_LETTERS.has(error.reason))
    return { rows: [], affected: 0 };
  throw error;
}

/** Returns a store that shares the table of httpd's mod_session_dbd with httpd. It needs `crypto.format: apache(…)`. */
export const dbdStore = (options?: DbdStoreOptions): DbdStore => new DbdStore(options);
