import { checkNames } from '../../errors/check-names.js';
import type { ResolveToken, StoreLimits } from '../session-store.interface.js';
import type { Database } from '../sql/database.interface.js';
import { KEY_STORE_NAMES, SqlKeyStore, type SqlKeyStoreOptions } from '../sql/sql-key.store.js';
import { outcomeFault } from './pg.store.js';
import { checkPool, poolDatabase } from './pool-database.js';
import type { Queryable, QueryFunction } from './query-connections.js';

export interface PgKeyStoreOptions extends SqlKeyStoreOptions {
  /** A pool of `pg`, anything else with `query(text, values)`, or such a function itself, as in `pgStore`. */
  readonly pool: Queryable | QueryFunction;
}

const PATH = 'crypto.ring.store.pool';

/** Keeps the keys of managed rings in Postgres through a pool of `pg` or any query function. The pool stays the
 *  application's. */
export class PgKeyStore extends SqlKeyStore {
  readonly #pool: unknown;

  /** Throws a SessionConfigError if the pool is none. */
  constructor(options: PgKeyStoreOptions) {
    const { pool } = Object(options) as Partial<PgKeyStoreOptions>;
    checkPool(pool, Object(options), PATH);
    checkNames('pgKeyStore()', options, { ...KEY_STORE_NAMES, pool: true });
    super(options, 'pgKeyStore', 'run');
    this.#pool = pool;
  }

  override async open(resolve: ResolveToken, limits?: StoreLimits): Promise<void> {
    await super.open(resolve, limits).catch((error: unknown) => {
      throw outcomeFault(error, PATH);
    });
  }

  protected findDatabase(): Database {
    return poolDatabase(this.#pool);
  }
}

/** Returns a store for the keys of managed rings in Postgres. Throws a SessionConfigError if the pool is none. */
export const pgKeyStore = (options: PgKeyStoreOptions): PgKeyStore => new PgKeyStore(options);
