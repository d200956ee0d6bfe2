import { UnavailableError } from './unavailable.error.js';

/** The driver could not use its keys, for example because a token was removed. The operator must act. The bytes may be
 *  authentic, so a session that does not open for this reason is not cleared. */
export class SessionDriverError extends UnavailableError {
  readonly code = 'ERR_SESSION_DRIVER';

  constructor(operation: string, reason: string) {
    super('The cryptographic driver is unavailable', operation, reason);
  }
}
