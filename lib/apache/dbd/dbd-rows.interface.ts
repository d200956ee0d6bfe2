import type { IncomingMessage } from 'node:http';

/** The rows of mod_session_dbd's table, one SQL statement per method. Expiries are microseconds since 1970; 0 means never. */
export interface DbdRows {
  /** True if a session gets a new key at every change, as in httpd. */
  readonly changesKeyOnSave: boolean;
  /** Returns the user of a request, if sessions are found by user and not by cookie; `undefined` for none. */
  readonly identify?: (request: IncomingMessage) => string | undefined;
  /** Returns the sealed text of a row that has not expired. */
  select(key: string): Promise<string | undefined>;
  /** Inserts a row. Returns false if the key exists already. */
  insert(key: string, value: string, expiry: bigint, until?: number): Promise<boolean>;
  /** Changes a row and its key, which may stay the same. Returns false if the row no longer has the value `old`. */
  update(
    key: string,
    old: string,
    newKey: string,
    value: string,
    expiry: bigint,
    until?: number,
  ): Promise<boolean>;
  delete(key: string, until?: number): Promise<void>;
  /** Deletes a row that holds no session: one that has expired, or one without a value, as httpd leaves it behind when it
   *  empties a session. */
  deleteDead(key: string): Promise<void>;
}
