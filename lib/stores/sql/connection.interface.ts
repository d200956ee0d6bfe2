import type { Done } from '../done.js';

/** A statement as the `pg` package takes it. */
export interface Query {
  /** @default the statement is not prepared */
  readonly name?: string | undefined;
  readonly text: string;
  readonly values: unknown[];
  readonly types: unknown;
}

export interface QueryResult {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number | null;
}

/** A client of `pg`'s pool, as far as it is used. */
export interface PoolClient {
  query(query: Query, done: (error: Error | null | undefined, result: QueryResult) => void): void;
  release(error?: Error): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  /** `pg` documents no way to drop a connection at once, so the field is checked. */
  readonly connection?: { readonly stream?: { destroy?(): void } };
  /** What the server has told the client for a request to cancel its statement. */
  readonly processID?: number | null;
  readonly secretKey?: unknown;
}

/** Called with a connection, or with the error that says why there is none. */
export type Connected = (error: Error | null | undefined, client: PoolClient | undefined) => void;

type PoolListener = (argument: PoolClient) => void;

/** `pg`'s pool, as far as it is used. Its functions are called with callbacks: a promise that only we would see costs as much
 *  as what it waits for where AsyncLocalStorage is used. */
export interface Pool {
  connect(done: Connected): void;
  end(): Promise<void>;
  on(event: 'connect' | 'error', listener: PoolListener): unknown;
  removeListener(event: 'connect', listener: PoolListener): unknown;
  listeners(event: 'connect'): PoolListener[];
  readonly totalCount: number;
  readonly idleCount: number;
  readonly options: { readonly max: number; readonly password?: unknown };
  /** The class of the connections. */
  readonly Client?: unknown;
  /** `pg` documents no way to connections that are being made, so the field is checked. */
  readonly _clients?: readonly (PoolClient & { readonly _connecting?: boolean })[];
}

/** A connection that one statement has for itself. */
export interface Lease {
  /** What stays the same while the connection is open. Absent where a client hides its connections. */
  readonly connection?: object | undefined;
  query(query: Query, done: Done<QueryResult>): void;
  /** Gives the connection back. With an error, the connection is destroyed and never used again. `mayCancel` says that the server
   *  may give up the statement which was not answered in time. */
  release(error?: Error, mayCancel?: boolean): void;
}

/** Where connections come from. Callbacks are used for the same reason as in {@link Pool}. */
export interface Connections {
  /** Gives a connection. Gives a TimeoutError at `until` (`performance.now()`), and an error when the database cannot be
   *  reached. */
  lease(until: number, done: Done<Lease>): void;
  close(): void;
}
