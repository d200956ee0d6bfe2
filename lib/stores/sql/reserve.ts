import type { Pool, PoolClient } from './connection.interface.js';

/** Connections of the reserve. */
const SIZE = 2;

/** Milliseconds that a statement waits for the shared pool before it asks the reserve too. */
const DELAY = 200;

const ignore = () => undefined;

/** A few connections of the store's own, beside the pool that it shares with the application. They are opened when the
 *  application holds all connections of the pool: a handler that saves its session inside of a transaction would wait for a
 *  connection that only the end of its own transaction frees. */
export class Reserve {
  private pool: Pool | undefined;

  constructor(private readonly shared: Pool) {}

  /** Resolves to a connection of the shared pool, or of the reserve if the shared pool has none left and gives none for a
   *  while. */
  connect(): Promise<PoolClient> {
    const { shared } = this;
    const isExhausted = shared.idleCount === 0 && shared.totalCount >= shared.options.max;
    const asked = shared.connect();
    // A pool of one connection says that the database takes no second one, as PGlite does.
    return isExhausted && shared.options.max > 1 ? this.either(asked) : asked;
  }

  close(): void {
    this.pool?.end().catch(ignore);
    this.pool = undefined;
  }

  /** Resolves to the connection that comes first, and gives the other one back. */
  private either(asked: Promise<PoolClient>): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      let done = false;
      const take = (client: PoolClient) => {
        if (done) return client.release();
        done = true;
        clearTimeout(timer);
        resolve(client);
      };
      const timer = setTimeout(() => void this.open().connect().then(take, ignore), DELAY);
      asked.then(take, (error: Error) => {
        done = true;
        clearTimeout(timer);
        reject(error);
      });
    });
  }

  /** Makes the pool of the reserve, with the options of the shared one and all that is done to its new connections. */
  private open(): Pool {
    if (this.pool) return this.pool;
    const { shared } = this;
    const { password } = shared.options; // not enumerable there
    const options = { ...shared.options, password, max: SIZE, min: 0, allowExitOnIdle: true };
    const pool = new (shared.constructor as new (options: object) => Pool)(options);
    pool.on('error', ignore);
    for (const listener of shared.listeners('connect')) pool.on('connect', listener);
    return (this.pool = pool);
  }
}
