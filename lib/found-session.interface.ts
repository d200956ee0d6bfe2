import type { IdSource } from './http/index.js';
import type { OpenResult, ReadonlyReason } from './session/index.js';
import type { Origin } from './session-channel.js';

/** What a request led to. */
export interface FoundSession extends OpenResult {
  /** Where the id came from, and where a new one is told. @default 'cookie' */
  readonly via?: IdSource;
  /** Where the session came from, if it was led over from another form. */
  readonly origin?: Origin;
  /** Why there can be no session for this request. */
  readonly absence?: ReadonlyReason;
}
