import type { DataSource, DataSourceOptions } from 'typeorm';
import type { Awaitable } from '../../crypto/awaitable.js';
import type { LoadedRow, ReplaceResult, ResolveToken, RowChange } from '../session-store.interface.js';
import type { Database } from '../sql/database.interface.js';
import { checkStoreNames, SqlStore, type SqlStoreOptions } from '../sql/sql.store.js';
import { findDatabase } from './find-database.js';

export interface TypeOrmStoreOptions extends SqlStoreOptions {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of the store's own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSource | string | DataSourceOptions;
}

/** Keeps sessions in Postgres through TypeORM. */
export class TypeOrmStore extends SqlStore {
  readonly #options: TypeOrmStoreOptions;

  constructor(options: TypeOrmStoreOptions = {}) {
    checkStoreNames('typeOrmStore', options, { dataSource: true });
    super(
      options,
      'typeOrmStore',
      "add sessionMigration() to the DataSource's migrations and run them, or run",
    );
    this.#options = options;
  }

  updateLocked(
    key: Buffer,
    change: (current: LoadedRow) => Awaitable<RowChange | undefined>,
    until?: number,
  ): Promise<ReplaceResult> {
    return this.lockedUpdate(key, change, until);
  }

  protected findDatabase(resolve: ResolveToken): Promise<Database> {
    return findDatabase(this.#options.dataSource, resolve);
  }
}

/** Returns a store that keeps sessions in Postgres through TypeORM. */
export const typeOrmStore = (options?: TypeOrmStoreOptions): TypeOrmStore => new TypeOrmStore(options);
