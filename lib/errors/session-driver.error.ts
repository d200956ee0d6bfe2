import { UnavailableError } from './unavailable.error.js';

/** A driver could not reach its keys. Nothing is said of the bytes that were to be opened, so a session that does not
 *  open for this reason is left alone. */
export class SessionDriverError extends UnavailableError {
  readonly code = 'ERR_SESSION_DRIVER';

  constructor(operation: string, reason: string) {
    super('The cryptographic driver is unavailable', operation, reason);
  }
}
