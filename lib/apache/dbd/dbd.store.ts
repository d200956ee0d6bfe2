import type { IncomingMessage } from 'node:http';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ForeignParts, ForeignStore } from '../../persistence/foreign-store.interface.js';
import type { SessionRepository } from '../../persistence/session-repository.interface.js';
import type { ResolveToken } from '../../stores/session-store.interface.js';
import type { Executor, ExecuteResult } from '../../stores/typeorm/executor.js';
import type { SessionTable } from '../../stores/typeorm/session-table.js';
import type { ApacheCodec } from '../text/apache.codec.js';
import type { DataSourceOption } from './data-source-option.js';
import type { DbdRows } from './dbd-rows.interface.js';
import { dbdStatements, dbdTableSql, type DbdStatementName } from './dbd-table.js';
import { DbdRepository } from './dbd.repository.js';
import { pruneBatches } from '../../stores/prune-batches.js';

export interface DbdStoreOptions extends SessionTable {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of our own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSourceOption;
  /** When a session gets a new key: at login, logout and `regenerate()`; or at every change, as httpd does, which loses
   *  the session of a request that runs beside it. @default 'login' */
  readonly renewKey?: 'login' | 'change';
  /** The authenticated user of a request, where sessions are found by user and no cookie is sent; `undefined` for none.
   *  @default sessions are found by cookie @see httpd `SessionDBDPerUser` */
  readonly perUser?: (request: IncomingMessage) => string | undefined;
  /** Name and prepare statements; see `typeOrmStore()`. @default true */
  readonly prepared?: boolean;
  /** Rows that one prune statement removes. @default 10000 */
  readonly pruneBatch?: number;
}

const MICROSECONDS = 1000;
const UNDEFINED = new Set(['42P01', '42703']);
const UNIQUE = '23505';

/** The table of httpd's mod_session_dbd, shared with it. */
export class DbdStore implements ForeignStore, DbdRows {
  readonly kind = 'dbd';
  readonly name: string;
  readonly format = 'apache';
  readonly renewsAlways: boolean;
  readonly identify?: (request: IncomingMessage) => string | undefined;
  #executor: Executor<DbdStatementName> | undefined;
  #own: { destroy(): Promise<void> } | undefined;
  /** Milliseconds that the database's clock is ahead of ours, as of the last row read. */
  private clockOffset = 0;

  /** May hold the password of the database. */
  readonly #options: DbdStoreOptions;

  constructor(options: DbdStoreOptions = {}) {
    this.#options = options;
    this.name = options.table ?? 'session';
    this.renewsAlways = options.renewKey === 'change';
    const { perUser } = options;
    if (perUser) this.identify = (request) => userOf(perUser(request));
  }

  /** Loads TypeORM here and not before: the cookie store does without. */
  async open(resolve: ResolveToken): Promise<void> {
    const { resolveDataSource } = await import('../../stores/typeorm/data-source.js');
    const { Executor } = await import('../../stores/typeorm/executor.js');
    const { dataSource, ours } = await resolveDataSource(this.#options.dataSource, resolve);
    if (ours) this.#own = dataSource;
    this.#executor = new Executor(dataSource, dbdStatements(this.#options), this.#options.prepared ?? true);
    await this.run('check').catch((error: unknown) => this.explain(error));
    this.learnClock((await this.run('now')).rows[0]!['now']);
  }

  async close(): Promise<void> {
    await this.#own?.destroy();
    this.#own = undefined;
  }

  now(): Date {
    return new Date(Date.now() + this.clockOffset);
  }

  repository(parts: ForeignParts): SessionRepository {
    const codec = parts.codec as ApacheCodec; // crypto.format was checked to be ours
    return new DbdRepository(this, { ...parts, codec });
  }

  /** In batches that skip rows another process is at. */
  prune(): Promise<number> {
    const { pruneBatch = 10_000 } = this.#options;
    return pruneBatches(pruneBatch, () => this.run('prune', [pruneBatch]));
  }

  async select(key: string): Promise<string | undefined> {
    const row = (await this.run('select', [key])).rows[0];
    if (!row) return undefined;
    this.learnClock(row['now']);
    return (row['value'] as string | null) ?? undefined;
  }

  async insert(key: string, value: string, expiry: bigint): Promise<boolean> {
    try {
      return (await this.run('insert', [value, String(expiry), key])).affected > 0;
    } catch (error) {
      if (error instanceof SessionStoreError && error.reason === UNIQUE) return false; // another was faster
      throw error;
    }
  }

  async update(key: string, old: string, to: string, value: string, expiry: bigint): Promise<boolean> {
    return (await this.run('update', [value, String(expiry), to, key, old])).affected > 0;
  }

  async delete(key: string): Promise<void> {
    await this.run('delete', [key]);
  }

  async bury(key: string): Promise<void> {
    await this.run('bury', [key]);
  }

  private run(name: DbdStatementName, values: unknown[] = []): Promise<ExecuteResult> {
    if (!this.#executor) return Promise.reject(new SessionStoreError(name, 'not open'));
    return this.#executor.run(name, values);
  }

  private learnClock(microseconds: unknown): void {
    this.clockOffset = Number(microseconds) / MICROSECONDS - Date.now();
  }

  private explain(error: unknown): never {
    if (!(error instanceof SessionStoreError) || !UNDEFINED.has(error.reason)) throw error;
    const sql = dbdTableSql(this.#options).join(';\n');
    throw new SessionConfigError([
      {
        path: 'store.table',
        message: `"${this.name}" is not there, or has not the columns key, value and expiry; name another by dbdStore({ table }), or run:\n${sql};`,
      },
    ]);
  }
}

/** A user that can be the key of a row; anything else is nobody. */
const userOf = (user: unknown): string | undefined =>
  typeof user === 'string' && /^[^\0]{1,256}$/.test(user) && !/\p{Surrogate}/u.test(user) ? user : undefined;

/** Sessions in the table of httpd's mod_session_dbd, shared with it: goes with `crypto.format: apache(…)`. */
export const dbdStore = (options?: DbdStoreOptions): DbdStore => new DbdStore(options);
