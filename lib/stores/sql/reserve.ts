import type { Connected, Pool, PoolClient } from './connection.interface.js';

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

  /** Asks for a connection of the shared pool, or of the reserve too if the shared pool has none left and gives none for a
   *  while. */
  connect(done: Connected): void {
    const { shared } = this;
    const isExhausted = shared.idleCount === 0 && shared.totalCount >= shared.options.max;
    // A pool of one connection says that the database takes no second one, as PGlite does.
    if (isExhausted && shared.options.max > 1) this.connectEither(done);
    else shared.connect(done);
  }

  close(): void {
    this.pool?.end().catch(ignore);
    this.pool = undefined;
  }

  /** Gives the connection that comes first, and gives the other one back. */
  private connectEither(done: Connected): void {
    let isDone = false;
    const finish: Connected = (error, client) => {
      if (isDone) return client?.release();
      isDone = true;
      clearTimeout(timer);
      done(error, client);
    };
    const finishWith = (client: PoolClient | undefined) => client && finish(undefined, client);
    const timer = setTimeout(() => this.open()?.connect((_, client) => finishWith(client)), DELAY);
    this.shared.connect(finish);
  }

  /** Makes the pool of the reserve, with the options of the shared one and all that is done to its new connections. Returns
   *  `undefined` if it cannot be made: the class is the application's, and this runs in a timer. */
  private open(): Pool | undefined {
    if (this.pool) return this.pool;
    const { shared } = this;
    const { password } = shared.options; // not enumerable there
    const options = { ...shared.options, password, max: SIZE, min: 0, allowExitOnIdle: true };
    try {
      const pool = new (classOf(shared))(options, shared.Client);
      pool.on('error', ignore);
      for (const listener of shared.listeners('connect')) pool.on('connect', listener);
      return (this.pool = pool);
    } catch {
      return undefined;
    }
  }
}

type PoolClass = new (options: object, client: unknown) => Pool;

/** Returns the class of `pg` that a pool is made of. A class that the application has derived from it may take other options,
 *  and with ours it could connect to another database. */
function classOf(pool: Pool): PoolClass {
  let owner = Object.getPrototypeOf(pool) as object;
  while (!Object.hasOwn(owner, 'connect')) owner = Object.getPrototypeOf(owner) as object;
  return owner.constructor as PoolClass;
}
