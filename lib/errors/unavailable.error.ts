import { SessionCryptoError } from './session-crypto.error.js';

/** The operator's turn, at run time: what sessions need did not answer, or not in time. The cause is given by its code
 *  alone. */
export abstract class UnavailableError extends SessionCryptoError {
  /** What Nest's own exception filter answers with. */
  readonly statusCode = 503;
  readonly status = 503;
  readonly expose = false;

  constructor(
    message: string,
    /** What was asked for: `load`, `seal`, … */
    readonly operation: string,
    /** The other side's own code (SQLSTATE, `ECONNREFUSED`, `CKR_DEVICE_REMOVED`, …), or a word of ours: `timeout`, … */
    readonly reason: string,
  ) {
    super(message);
  }
}
