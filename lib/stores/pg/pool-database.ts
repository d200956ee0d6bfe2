import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import type { Pool } from '../sql/connection.interface.js';
import { joinPool, leavePool } from '../sql/shared-pools.js';
import type { Database } from '../sql/database.interface.js';
import { QueryConnections, type Queryable, type QueryFunction } from './query-connections.js';

/** Returns the database behind a pool of `pg` or a query function. The pool stays the application's. */
export function poolDatabase(pool: unknown): Database {
  if (isPool(pool)) {
    const shared = joinPool(pool);
    return { connections: () => shared, close: () => leavePool(shared) };
  }
  const query = typeof pool === 'function' ? pool : (pool as Queryable).query.bind(pool);
  const connections = new QueryConnections(query as QueryFunction);
  return { connections: () => connections, close: () => undefined };
}

/** Recognises a pool of any version of `pg`, because an application may have several. A single client has no `options`. */
export function isPool(pool: unknown): pool is Pool {
  const { connect, options, totalCount } = Object(pool) as Partial<Pool>;
  return typeof connect === 'function' && typeof options?.max === 'number' && typeof totalCount === 'number';
}

/** Options of other stores that people write in the place of `pool`, and what they mean. */
const MEANT: Readonly<Record<string, string>> = {
  client: 'write { pool: client }',
  query: 'write { pool: query }',
  db: 'write { pool } with the pool that it was made of',
  dataSource: 'use typeOrmStore({ dataSource })',
  connectionString: 'write { pool: new Pool({ connectionString }) }',
  conString: 'write { pool: new Pool({ connectionString }) }',
};

/** Throws a SessionConfigError at `path` if `pool`, a member of `options`, is none. */
export function checkPool(pool: unknown, options: object, path: string): void {
  const { query, isInitialized } = Object(pool) as { query?: unknown; isInitialized?: unknown };
  if (typeof isInitialized === 'boolean')
    throw poolFault(path, 'is a DataSource of TypeORM; use typeOrmStore({ dataSource })');
  if (typeof pool === 'function' || typeof query === 'function') return;
  const meant = Object.keys(options).find((key) => key in MEANT);
  const hint = meant ? `; for ${meant}, ${MEANT[meant]}` : '';
  throw poolFault(
    path,
    `is ${kindOf(pool)}; allowed are a pool of pg, or what has query(text, values) and returns { rows, rowCount }${hint}`,
  );
}

export const poolFault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
