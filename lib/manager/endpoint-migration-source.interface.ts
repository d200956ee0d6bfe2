import type { Cookie } from '../http/cookie.js';
import type { MigrationReader, MigrationSource } from '../persistence/session-format.interface.js';

/** A foreign format whose sessions are migrated, and the cookies that bring them. */
export interface EndpointMigrationSource {
  readonly format: string;
  readonly cookie: Cookie;
  /** The cookie that holds the signature of the other. */
  readonly signature: Cookie | undefined;
  readonly reader: MigrationReader;
  readonly until: MigrationSource['until'];
  readonly keep?: MigrationSource['keep'];
}
