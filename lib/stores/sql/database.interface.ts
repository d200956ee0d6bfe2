import type { Awaitable } from '../../crypto/awaitable.js';
import type { Connections } from './connection.interface.js';
import type { TableNaming } from './table-place.js';

/** A database that a store has been connected to. */
export interface Database {
  /** Returns the connections as they are now. Throws if there are none. */
  connections(): Connections;
  /** How tables are called there. */
  readonly naming?: TableNaming;
  /** Gives back what the store has taken, and closes what it has opened. */
  close(): Awaitable<void>;
}
