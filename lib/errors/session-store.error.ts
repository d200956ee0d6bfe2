import { SessionCryptoError } from './session-crypto.error.js';
import { UnavailableError } from './unavailable.error.js';

/** The store did not answer, or not in time. The cause is given by its code alone, since a driver's error carries the
 *  statement's parameters. */
export class SessionStoreError extends UnavailableError {
  readonly code = 'ERR_SESSION_STORE';

  constructor(operation: string, reason: string) {
    super('The session store is unavailable', operation, reason);
  }

  /** The error of a failed operation; an error that is ours already passes through. */
  static from(operation: string, error: unknown): SessionCryptoError {
    if (error instanceof SessionCryptoError) return error;
    return new SessionStoreError(operation, codeOf(error));
  }
}

/** What codes and names of classes look like; anything else could be a value that somebody put there. */
const CODE = /^[\w.:-]{1,64}$/;

/** A driver error's `code`, also where a wrapper such as TypeORM's holds it; else the class of the error. */
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
