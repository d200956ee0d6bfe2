import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** Key of the entries' names. A plain hash in memory would let whoever reads it try all PINs; the random key lives no longer
 *  than the process. */
const nameKey = createSecretKey(randomBytes(32));
const codes = new Map<string, string>();

/** The PINs that tokens have refused in this process, so that no driver offers one of them again. */
export const refusedPins = {
  /** Returns the code with which the token of this serial number refused the PIN, or `undefined` if it has not. */
  get: (serial: string, pin: Uint8Array): string | undefined => codes.get(nameOf(serial, pin)),

  /** Remembers that the token has refused the PIN. */
  add: (serial: string, pin: Uint8Array, code: string): void => void codes.set(nameOf(serial, pin), code),
};

const nameOf = (serial: string, pin: Uint8Array): string =>
  createHmac('sha256', nameKey).update(serial).update('\0').update(pin).digest('base64');
