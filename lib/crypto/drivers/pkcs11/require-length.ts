import { SessionDriverError } from '../../../errors/session-driver.error.js';

/** Returns `bytes` if there are exactly `length` of them. Otherwise wipes them and throws a SessionDriverError: a token that
 *  returns another length has not done what it was asked. */
export function requireLength(operation: string, bytes: Buffer, length: number): Buffer {
  if (bytes.length === length) return bytes;
  bytes.fill(0);
  throw new SessionDriverError(operation, 'wrong length');
}
