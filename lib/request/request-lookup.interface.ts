import type { IdSource } from '../http/id-sources.js';
import type { EndpointMigrationSource } from '../manager/endpoint-migration-source.interface.js';
import type { CandidateLookup } from '../persistence/open-candidates.js';
import type { ReadonlyReason } from '../session/session-access.js';

/** What a request led to: the session, and how the response has to treat its id. */
export interface RequestLookup extends CandidateLookup {
  /** The source of the id, in which a new id is sent back. @default 'cookie' */
  readonly idSource?: IdSource;
  /** The foreign format that the session was migrated from. */
  readonly migrationSource?: EndpointMigrationSource;
  /** The reason why this request can have no session. */
  readonly absence?: ReadonlyReason;
}
