import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ResolveToken, SessionStore, StoreLimits } from '../session-store.interface.js';
import type { Pool } from '../sql/connection.interface.js';
import { joinPool, leavePool } from '../sql/shared-pools.js';
import { checkStoreNames, SqlStore, type Database, type SqlStoreOptions } from '../sql/sql.store.js';
import { QueryConnections, type Queryable, type QueryFunction } from './query-connections.js';

export interface PgStoreOptions extends SqlStoreOptions {
  /** A pool of `pg`, anything else with `query(text, values)`, or such a function itself. A pool of `pg` gets time limits that
   *  free its connections, prepared statements, and a lock for a session that many processes change at once. Others get
   *  none of the three. */
  readonly pool: Queryable | QueryFunction;
}

/** Keeps sessions in Postgres through a pool of `pg` or any query function. The pool stays the application's. */
export class PgStore extends SqlStore {
  readonly updateLocked?: NonNullable<SessionStore['updateLocked']>;
  readonly #pool: unknown;

  /** Throws a SessionConfigError if the pool is none. */
  constructor(options: PgStoreOptions) {
    const { pool } = Object(options) as Partial<PgStoreOptions>;
    checkPool(pool, Object(options));
    checkStoreNames('pgStore', options, { pool: true });
    super(options, 'pgStore', 'run');
    this.#pool = pool;
    if (isPool(pool)) this.updateLocked = (key, change) => this.lockedUpdate(key, change);
  }

  override async open(resolve: ResolveToken, limits?: StoreLimits): Promise<void> {
    await super.open(resolve, limits).catch((error: unknown) => {
      const isOutcome = error instanceof SessionStoreError && error.reason === 'ERR_QUERY_OUTCOME';
      throw isOutcome
        ? fault('resolves to something else than { rows }; let it return { rows, rowCount }')
        : error;
    });
  }

  protected findDatabase(): Database {
    const pool = this.#pool;
    if (isPool(pool)) {
      const shared = joinPool(pool);
      return { connections: () => shared, close: () => leavePool(shared) };
    }
    const query = typeof pool === 'function' ? pool : (pool as Queryable).query.bind(pool);
    const connections = new QueryConnections(query as QueryFunction);
    return { connections: () => connections, close: () => undefined };
  }
}

/** Recognises a pool of any version of `pg`, because an application may have several. A single client has no `options`. */
function isPool(pool: unknown): pool is Pool {
  const { connect, options, totalCount } = Object(pool) as Partial<Pool>;
  return typeof connect === 'function' && typeof options?.max === 'number' && typeof totalCount === 'number';
}

/** Options of other stores that people write here, and what they mean. */
const MEANT: Readonly<Record<string, string>> = {
  client: 'write { pool: client }',
  query: 'write { pool: query }',
  db: 'write { pool } with the pool that it was made of',
  dataSource: 'use typeOrmStore({ dataSource })',
  connectionString: 'write { pool: new Pool({ connectionString }) }',
  conString: 'write { pool: new Pool({ connectionString }) }',
};

function checkPool(pool: unknown, options: object): void {
  const { query, isInitialized } = Object(pool) as { query?: unknown; isInitialized?: unknown };
  if (typeof isInitialized === 'boolean')
    throw fault('is a DataSource of TypeORM; use typeOrmStore({ dataSource })');
  if (typeof pool === 'function' || typeof query === 'function') return;
  const meant = Object.keys(options).find((key) => key in MEANT);
  const hint = meant ? `; for ${meant}, ${MEANT[meant]}` : '';
  throw fault(
    `is ${kindOf(pool)}; allowed are a pool of pg, or what has query(text, values) and returns { rows, rowCount }${hint}`,
  );
}

const fault = (message: string) => new SessionConfigError([{ path: 'store.pool', message }]);

/** Returns a store that keeps sessions in Postgres through a pool of `pg` or any query function. Throws a SessionConfigError
 *  if the pool is none. */
export const pgStore = (options: PgStoreOptions): PgStore => new PgStore(options);
