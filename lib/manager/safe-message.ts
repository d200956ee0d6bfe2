import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { SessionTooLargeError } from '../errors/session-state.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';

/** Returns the message of an error of ours, for events and logs. The message of any other error may hold secrets, so it
 *  is never shown. */
export function safeMessageOf(error: unknown): string {
  if (error instanceof SessionConfigError)
    return error.faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  if (error instanceof SessionTooLargeError) return error.messageForLog;
  return error instanceof SessionCryptoError ? error.message : 'an error of another package';
}

/** Like {@link safeMessageOf}, for what has kept keys from being read. */
export const keysMessageOf = (error: unknown): string =>
  error instanceof SessionStoreError
    ? `the store of the keys is unavailable (${error.operation}: ${error.reason})`
    : safeMessageOf(error);
