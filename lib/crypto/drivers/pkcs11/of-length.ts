import { SessionDriverError } from '../../../errors/session-driver.error.js';

/** `bytes`, when they are as many as there must be; else wipes them and throws a SessionDriverError. */
export function ofLength(operation: string, bytes: Buffer, length: number): Buffer {
  if (bytes.length === length) return bytes;
  bytes.fill(0);
  throw new SessionDriverError(operation, 'wrong length');
}
