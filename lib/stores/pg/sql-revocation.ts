import { SessionConfigError } from '../../errors/session-config.error.js';
import { revocationIn, type RevocationOptions, type RevocationSource } from '../revocation.js';
import { pgStore, type PgStoreOptions } from './pg.store.js';
import type { Queryable, QueryFunction } from './query-connections.js';

export interface SqlRevocationOptions extends Omit<PgStoreOptions, 'pool'>, RevocationOptions {
  /** A pool of `pg`, or anything else with `query(text, values)`. */
  readonly pool?: Queryable | QueryFunction;
  /** A query function, in place of `pool`. */
  readonly query?: QueryFunction;
}

/** Returns a source of revocations in the session table of Postgres, through a pool of `pg` or a query function. Throws a
 *  SessionConfigError unless it gets one of them. */
export const sqlRevocation = ({
  generations,
  query,
  pool,
  ...options
}: SqlRevocationOptions): RevocationSource =>
  revocationIn('sqlRevocation', generations, () => {
    if (query && pool) throw new SessionConfigError([{ path: 'store.query', message: BOTH }]);
    return pgStore({ ...options, pool: (pool ?? query)! });
  });

const BOTH = 'and store.revocation.pool are both set; remove one of them';
