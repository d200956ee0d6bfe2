import type { Connections, Lease, Pool, PoolClient, Query, QueryResult } from './connection.interface.js';
import { Places } from './places.js';
import { Reserve } from './reserve.js';
import { TimeoutError, within } from './time-limit.js';

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

  async lease(until: number): Promise<Lease> {
    try {
      return await this.find(until);
    } catch (error) {
      if (error instanceof TimeoutError) this.dropUnfinished();
      throw error;
    }
  }

  private async find(until: number): Promise<Lease> {
    const place = this.places.take(until);
    if (place) await place;
    const asked = this.connect();
    try {
      return new PoolLease(this, await within(until, asked));
    } catch (error) {
      // The pool still owes a connection to whoever has given up.
      void asked.then(
        (client) => this.giveBack(client),
        () => this.places.leave(),
      );
      throw error;
    }
  }

  /** Resolves to a connection that is not suspected to be forgotten. */
  private async connect(): Promise<PoolClient> {
    for (;;) {
      const client = await this.reserve.connect();
      client.on('error', ignore);
      if ((this.answered.get(client) ?? 0) >= this.silentSince) return client;
      drop(client, new TimeoutError('timeout'));
    }
  }

  hasAnswered(client: PoolClient): void {
    this.answered.set(client, performance.now());
  }

  /** Returns a connection to the pool. With an error it is destroyed; `sent` is when the statement was sent that was not
   *  answered in time. */
  giveBack(client: PoolClient, error?: Error, sent = 0): void {
    if (error instanceof TimeoutError) this.silentSince = Math.max(this.silentSince, sent);
    if (error) drop(client, error);
    else {
      client.removeListener('error', ignore);
      client.release();
    }
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
    private readonly client: PoolClient,
  ) {}

  query(query: Query): Promise<QueryResult> {
    this.sent = performance.now();
    return this.client.query(query);
  }

  release(error?: Error): void {
    if (!error) this.owner.hasAnswered(this.client);
    this.owner.giveBack(this.client, error, this.sent);
  }
}

/** Destroys a connection. The pool makes room for another one when the socket is closed, and a goodbye to a server that does
 *  not answer would delay that. */
function drop(client: PoolClient, error: Error): void {
  client.release(error);
  client.connection?.stream?.destroy?.();
}
