import type { DataSource, DataSourceOptions } from 'typeorm';
import { checkNames } from '../../errors/check-names.js';
import type { ResolveToken } from '../session-store.interface.js';
import type { Database } from '../sql/database.interface.js';
import { KEY_STORE_NAMES, SqlKeyStore, type SqlKeyStoreOptions } from '../sql/sql-key.store.js';
import { findDatabase } from './find-database.js';

export interface TypeOrmKeyStoreOptions extends SqlKeyStoreOptions {
  /** A DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of the store's own.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSource | string | DataSourceOptions;
}

/** Keeps the keys of managed rings in Postgres through TypeORM. */
export class TypeOrmKeyStore extends SqlKeyStore {
  readonly #options: TypeOrmKeyStoreOptions;

  constructor(options: TypeOrmKeyStoreOptions = {}) {
    const isOther = (value: unknown) => typeof value === 'function';
    checkNames('typeOrmKeyStore()', options, { ...KEY_STORE_NAMES, dataSource: true }, isOther);
    super(
      options,
      'typeOrmKeyStore',
      "add keyMigration() to the DataSource's migrations and run them, or run",
    );
    this.#options = options;
  }

  protected findDatabase(resolve: ResolveToken): Promise<Database> {
    return findDatabase(this.#options.dataSource, resolve);
  }
}

/** Returns a store for the keys of managed rings in Postgres through TypeORM. */
export const typeOrmKeyStore = (options?: TypeOrmKeyStoreOptions): TypeOrmKeyStore =>
  new TypeOrmKeyStore(options);
