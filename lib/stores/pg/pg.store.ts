import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ResolveToken, SessionStore, StoreLimits } from '../session-store.interface.js';
import type { Database } from '../sql/database.interface.js';
import { checkStoreNames, SqlStore, type SqlStoreOptions } from '../sql/sql.store.js';
import { checkPool, isPool, poolDatabase, poolFault } from './pool-database.js';
import type { Queryable, QueryFunction } from './query-connections.js';

export interface PgStoreOptions extends SqlStoreOptions {
  /** A pool of `pg`, anything else with `query(text, values)`, or such a function itself. A pool of `pg` gets time limits that
   *  free its connections, prepared statements, and a lock for a session that many processes change at once. Others get
   *  none of the three. */
  readonly pool: Queryable | QueryFunction;
}

const PATH = 'store.pool';

/** Keeps sessions in Postgres through a pool of `pg` or any query function. The pool stays the application's. */
export class PgStore extends SqlStore {
  readonly updateLocked?: NonNullable<SessionStore['updateLocked']>;
  readonly #pool: unknown;

  /** Throws a SessionConfigError if the pool is none. */
  constructor(options: PgStoreOptions) {
    const { pool } = Object(options) as Partial<PgStoreOptions>;
    checkPool(pool, Object(options), PATH);
    checkStoreNames('pgStore', options, { pool: true });
    super(options, 'pgStore', 'run');
    this.#pool = pool;
    if (isPool(pool)) this.updateLocked = (...args) => this.lockedUpdate(...args);
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

/** Returns the SessionConfigError for a query function that returns something else than it should, or the error itself. */
export function outcomeFault(error: unknown, path: string): unknown {
  const isOutcome = error instanceof SessionStoreError && error.reason === 'ERR_QUERY_OUTCOME';
  return isOutcome
    ? poolFault(path, 'resolves to something else than { rows }; let it return { rows, rowCount }')
    : error;
}

/** Returns a store that keeps sessions in Postgres through a pool of `pg` or any query function. Throws a SessionConfigError
 *  if the pool is none. */
export const pgStore = (options: PgStoreOptions): PgStore => new PgStore(options);
