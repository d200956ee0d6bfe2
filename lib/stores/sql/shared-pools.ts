import type { Pool } from './connection.interface.js';
import { PoolConnections } from './pool-connections.js';

/** The connections of each pool, and the number of their users. All stores on one pool count its places together, and the pool
 *  has one listener of ours. */
const POOLS = new WeakMap<Pool, { readonly connections: PoolConnections; users: number }>();

/** Returns the connections of a pool. */
export function joinPool(pool: Pool): PoolConnections {
  const shared = POOLS.get(pool) ?? { connections: new PoolConnections(pool), users: 0 };
  shared.users++;
  POOLS.set(pool, shared);
  return shared.connections;
}

/** The last user closes them. */
export function leavePool({ pool }: PoolConnections): void {
  const shared = POOLS.get(pool)!;
  if (--shared.users > 0) return;
  POOLS.delete(pool);
  shared.connections.close();
}
