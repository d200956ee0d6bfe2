import { SessionCryptoError } from './session-crypto.error.js';

/** The operator's turn, at run time: a driver could not reach its keys. Nothing is said of the bytes that were to be
 *  opened, so a session that does not open for this reason is left alone. */
export class SessionDriverError extends SessionCryptoError {
  readonly code = 'ERR_SESSION_DRIVER';
  /** What Nest's own exception filter answers with. */
  readonly statusCode = 503;
  readonly status = 503;
  readonly expose = false;

  constructor(
    /** What was asked of the driver: `open`, `seal`, `expand`, … */
    readonly operation: string,
    /** The driver's own code (`CKR_DEVICE_REMOVED`, …), or a word of ours: `key lost`, … */
    readonly reason: string,
  ) {
    super('The cryptographic driver is unavailable');
  }
}
