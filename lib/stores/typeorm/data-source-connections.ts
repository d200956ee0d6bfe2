import type { DataSource } from 'typeorm';
import type { Connections, Pool } from '../sql/connection.interface.js';
import type { PoolConnections } from '../sql/pool-connections.js';
import { joinPool, leavePool } from '../sql/shared-pools.js';
import { RunnerConnections } from './runner-connections.js';

/** The DataSource is not connected. */
class DisconnectedError extends Error {
  readonly code = 'not connected';
}

/** The connections of a DataSource. It gets another pool when it is destroyed and initialised again, so the pool is looked
 *  up for each statement. */
export class DataSourceConnections {
  private current: PoolConnections | undefined;
  private readonly runners: RunnerConnections;

  constructor(private readonly dataSource: DataSource) {
    this.runners = new RunnerConnections(dataSource);
  }

  /** Returns the connections of the pool as it is now. Throws if the DataSource is not initialised. */
  get(): Connections {
    if (!this.dataSource.isInitialized) throw new DisconnectedError('The DataSource is not initialised');
    const pool = poolOf(this.dataSource);
    if (!pool) return this.runners;
    if (this.current?.pool === pool) return this.current;
    this.close();
    return (this.current = joinPool(pool));
  }

  close(): void {
    if (this.current) leavePool(this.current);
    this.current = undefined;
  }
}

/** Returns the DataSource's pg pool. TypeORM documents no way to it: it keeps the pool in the field `driver.master`. So the
 *  field is checked, and its absence is no error. */
function poolOf({ driver }: DataSource): Pool | undefined {
  const { master } = driver as { master?: Partial<Pool> };
  return typeof master?.connect === 'function' && master.options ? (master as Pool) : undefined;
}
