import type { Done } from '../done.js';
import type {
  Connected,
  Connections,
  Lease,
  Pool,
  PoolClient,
  Query,
  QueryResult,
} from './connection.interface.js';
import { Places } from './places.js';
import { Reserve } from './reserve.js';
import { cancelStatement } from './cancel-statement.js';
import { beginWait, endWait, TimeoutError } from '../time-limit.js';

/** Milliseconds after which a connection that is still being made will not be made, once a statement has waited for one in
 *  vain. */
const STUCK_AFTER = 1000;

/** An error on a connection also rejects its statement, and reaches nobody else. */
const ignore = () => undefined;

/** The connections of a `pg` pool that the application shares with the store. A pool keeps those who wait in a queue without
 *  end, even those who have given up. So no more statements ask the pool at once than it has connections.
 *
 *  A network can forget a connection and tell nobody. So when a statement is not answered in time, its connection is
 *  destroyed, and so is each one that was silent since before that statement, before it is used again. */
export class PoolConnections implements Connections {
  private readonly places: Places;
  private readonly reserve: Reserve;
  /** When each connection last answered, by `performance.now()`. */
  private readonly answered = new WeakMap<PoolClient, number>();
  /** A connection that has not answered since then may be forgotten. */
  private silentSince = 0;
  /** Connections that were being made when a statement had waited in vain, and when that was. */
  private readonly unfinished = new WeakMap<PoolClient, number>();
  private readonly onConnect = (client: PoolClient) => void this.answered.set(client, performance.now());

  constructor(readonly pool: Pool) {
    this.places = new Places(pool.options.max);
    this.reserve = new Reserve(pool);
    pool.on('connect', this.onConnect);
  }

  lease(until: number, done: Done<Lease>): void {
    const place = this.places.take(until);
    if (!place) return this.ask(until, done);
    const giveUp = (error: unknown) => {
      if (error instanceof TimeoutError) this.dropUnfinished();
      done(error);
    };
    place.then(() => this.ask(until, done), giveUp);
  }

  /** Asks the pool for a connection, with a place taken. Whoever gives up is still owed one, and it goes back then. */
  private ask(until: number, done: Done<Lease>): void {
    let given = false;
    const late = () => {
      given = true;
      this.dropUnfinished();
      done(new TimeoutError('timeout'));
    };
    const wait = { until, late };
    beginWait(wait);
    this.connect((error, client) => {
      if (given) return client ? this.giveBack(client) : this.places.leave();
      endWait(wait);
      if (client) return done(undefined, new PoolLease(this, client));
      this.places.leave();
      done(error);
    });
  }

  /** Asks for a connection that is not suspected to be forgotten. */
  private connect(done: Connected): void {
    this.reserve.connect((error, client) => {
      if (!client) return done(error ?? new Error('no connection'), client);
      client.on('error', ignore);
      if ((this.answered.get(client) ?? 0) >= this.silentSince) return done(undefined, client);
      drop(client, new TimeoutError('timeout'));
      this.connect(done);
    });
  }

  hasAnswered(client: PoolClient): void {
    this.answered.set(client, performance.now());
  }

  /** Returns a connection to the pool. With an error it is destroyed. */
  giveBack(client: PoolClient, error?: Error): void {
    if (error) return this.destroy(client, error);
    client.removeListener('error', ignore);
    client.release();
    this.places.leave();
  }

  /** Destroys a connection whose statement was not answered in time; `sent` is when it was sent. */
  giveUp(client: PoolClient, error: Error, sent: number, mayCancel: boolean): void {
    this.silentSince = Math.max(this.silentSince, sent);
    const destroy = () => this.destroy(client, error);
    if (mayCancel) cancelStatement(this.pool, client, destroy);
    else destroy();
  }

  private destroy(client: PoolClient, error: Error): void {
    drop(client, error);
    this.places.leave();
  }

  /** Destroys connections that are not finished since an earlier statement has waited in vain. Without an option
   *  (`connectTimeoutMS`), the pool would wait for them for ever, and each takes a place of the pool. */
  private dropUnfinished(): void {
    const now = performance.now();
    for (const client of this.pool._clients ?? []) {
      if (!client._connecting) continue;
      const since = this.unfinished.get(client);
      if (since === undefined) this.unfinished.set(client, now);
      else if (now - since >= STUCK_AFTER) client.connection?.stream?.destroy?.();
    }
  }

  close(): void {
    this.reserve.close();
    this.pool.removeListener('connect', this.onConnect);
  }
}

class PoolLease implements Lease {
  private sent = 0;

  constructor(
    private readonly owner: PoolConnections,
    readonly connection: PoolClient,
  ) {}

  query(query: Query, done: Done<QueryResult>): void {
    this.sent = performance.now();
    this.connection.query(query, done);
  }

  release(error?: Error, mayCancel = false): void {
    const { owner, connection } = this;
    if (error instanceof TimeoutError) return owner.giveUp(connection, error, this.sent, mayCancel);
    if (!error) owner.hasAnswered(connection);
    owner.giveBack(connection, error);
  }
}

/** Destroys a connection. The pool makes room for another one when the socket is closed, and a goodbye to a server that does
 *  not answer would delay that. */
function drop(client: PoolClient, error: Error): void {
  client.release(error);
  client.connection?.stream?.destroy?.();
}
