import type { IdSource } from '../http/id-sources.js';
import type { CandidateLookup } from '../persistence/open-candidates.js';
import type { ReadonlyReason } from '../session/readonly-reason.js';
import type { EndpointMigrationSource } from '../manager/cookie-endpoint.js';

/** What a request led to. */
export interface RequestLookup extends CandidateLookup {
  /** Where the id came from, and where a new one is told. @default 'cookie' */
  readonly idSource?: IdSource;
  /** Where the session came from, if it was led over from another form. */
  readonly migrationSource?: EndpointMigrationSource;
  /** Why there can be no session for this request. */
  readonly absence?: ReadonlyReason;
}
