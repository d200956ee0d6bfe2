import { SessionCryptoError } from './session-crypto.error.js';

/** Something outside of the process that sessions need failed or did not respond in time. The operator must act, while the
 *  application runs. It contains only the code of its cause. */
export abstract class UnavailableError extends SessionCryptoError {
  /** The status that Nest's own exception filter sends. */
  readonly statusCode = 503;
  /** The same, under the name that `http-errors` uses. */
  readonly status = 503;
  /** False keeps the message out of the response, as in `http-errors`. */
  readonly expose = false;

  constructor(
    message: string,
    /** The operation that failed: `load`, `seal`, … */
    readonly operation: string,
    /** The code of the cause (SQLSTATE, `ECONNREFUSED`, `CKR_DEVICE_REMOVED`, …), or a word of ours such as `timeout`. */
    readonly reason: string,
  ) {
    super(message);
  }
}
