import type { Done } from '../done.js';
import { askWithin } from '../time-limit.js';
import type { Pool, PoolClient } from './connection.interface.js';

/** Milliseconds that the server has to take the request. A broken network takes none. */
const LIMIT = 1000;

/** A connection of `pg` below its client, as far as it is used. */
interface Wire {
  readonly ssl: unknown;
  readonly sslNegotiation?: string;
  readonly stream: { destroy(): void };
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): unknown;
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: unknown): void;
}

/** A client that is not connected. */
interface Asker {
  readonly host: string;
  readonly port: number;
  readonly connection?: Partial<Wire>;
}

/** Tells the server to give up the statement for which a connection waits. A statement that waits for a lock goes on after its
 *  client has closed the connection, and takes one of the server's `max_connections`. The request has a connection of its own
 *  (PostgreSQL, "Canceling Requests in Progress"). Only for reads: a write that waits for a synchronous replica is committed by
 *  a cancel. Calls `done` once, when the server has read it or {@link LIMIT} is over:
 *  PgBouncer forwards it only while the connection is open. */
export function cancelStatement(pool: Pool, client: PoolClient, done: () => void): void {
  const { processID, secretKey } = client;
  // A pool of one connection says that the database takes no second one, as PGlite does.
  const mayAsk = typeof processID === 'number' && pool.options.max > 1;
  const asker = mayAsk ? newClient(pool) : undefined;
  const wire = wireOf(asker);
  if (!asker || !wire) return done();
  const ask = (answer: Done<void>) => {
    const cancel = () => wire.cancel(processID as number, secretKey);
    wire.on('connect', () => {
      if (!wire.ssl) cancel();
      else if (wire.sslNegotiation !== 'direct') wire.requestSsl();
    });
    wire.on('sslconnect', cancel);
    wire.on('error', () => answer(undefined));
    wire.on('end', () => answer(undefined));
    const { host, port } = asker;
    if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  };
  askWithin(performance.now() + LIMIT, ask, () => {
    wire.stream.destroy();
    done();
  });
}

/** Makes a client as the pool makes them: to the same server, by the same TLS. The class may be the application's, and this
 *  runs in a timer. */
function newClient(pool: Pool): Asker | undefined {
  try {
    return new (pool.Client as new (options: object) => Asker)(pool.options);
  } catch {
    return undefined;
  }
}

/** `pg` documents none of it, so the fields are checked. */
function wireOf(asker: Asker | undefined): Wire | undefined {
  const wire = asker?.connection;
  const isWhole = typeof wire?.cancel === 'function' && typeof wire.requestSsl === 'function';
  return isWhole && typeof asker?.host === 'string' ? (wire as Wire) : undefined;
}
