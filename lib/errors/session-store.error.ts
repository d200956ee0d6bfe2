import { SessionCryptoError } from './session-crypto.error.js';
import { UnavailableError } from './unavailable.error.js';

/** The store failed or did not respond in time. The operator must act. It contains only the code of its cause, because
 *  the error of a database driver contains the statement's parameters. */
export class SessionStoreError extends UnavailableError {
  readonly code = 'ERR_SESSION_STORE';

  constructor(operation: string, reason: string, message = 'The session store is unavailable') {
    super(message, operation, reason);
  }

  /** Returns the error for a failed operation. An error of this package is returned unchanged. */
  static from(operation: string, error: unknown): SessionCryptoError {
    if (error instanceof SessionCryptoError) return error;
    return new SessionStoreError(operation, codeOf(error));
  }
}

/** The syntax of error codes and class names. Any other text could contain a value that must not be shown. */
const CODE = /^[\w.:-]{1,64}$/;

/** Returns an error's `code`, even if a wrapper such as TypeORM's error holds it; otherwise the name of its class;
 *  otherwise `unknown`. Never returns a message. */
export function codeOf(error: unknown): string {
  const { code, driverError, name } = Object(error) as {
    code?: unknown;
    driverError?: unknown;
    name?: unknown;
  };
  if (typeof code === 'string' && CODE.test(code)) return code;
  if (driverError) return codeOf(driverError);
  return typeof name === 'string' && CODE.test(name) ? name : 'unknown';
}

/** Returns the cause of an error of something that is away, which says more than its code; otherwise {@link codeOf}. */
export const causeOf = (error: unknown): string =>
  error instanceof UnavailableError ? error.reason : codeOf(error);
