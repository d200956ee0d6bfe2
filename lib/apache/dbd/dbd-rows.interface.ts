import type { IncomingMessage } from 'node:http';

/** The rows of mod_session_dbd, one statement each. Expiries in microseconds since 1970, 0 for never. */
export interface DbdRows {
  /** Whether a session gets a new key at every change. */
  readonly renewsAlways: boolean;
  readonly identify?: (request: IncomingMessage) => string | undefined;
  /** The sealed text of a row that has not expired. */
  select(key: string): Promise<string | undefined>;
  /** Whether there was no row of that key. */
  insert(key: string, value: string, expiry: bigint): Promise<boolean>;
  /** Whether the row still had `old` as its value. */
  update(key: string, old: string, to: string, value: string, expiry: bigint): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Removes a row that is no session any more: expired, or emptied by httpd, which leaves it without a value. */
  bury(key: string): Promise<void>;
}
