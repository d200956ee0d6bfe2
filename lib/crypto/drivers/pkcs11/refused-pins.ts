import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** Key of the entries' names. A plain hash in memory would let whoever reads it try all PINs; the random key lives no longer
 *  than the process. */
const nameKey = createSecretKey(randomBytes(32));
const codes = new Map<string, string>();
/** How many PINs each token has refused since the last login, by serial number. */
const refusals = new Map<string, number>();

/** PINs that a token may refuse. A source whose output varies, such as the text of an error, would use up all tries. */
const MAX_REFUSALS = 2;

/** The PINs that tokens have refused in this process, so that no driver offers one of them again. */
export const refusedPins = {
  /** Returns the code with which the token of this serial number refused the PIN, or `undefined` if it has not. */
  get: (serial: string, pin: Uint8Array): string | undefined => codes.get(nameOf(serial, pin)),

  /** True if the token has refused so many PINs since the last login that no other one may be offered. */
  areTooMany: (serial: string): boolean => (refusals.get(serial) ?? 0) >= MAX_REFUSALS,

  /** Remembers that the token has refused the PIN. */
  add(serial: string, pin: Uint8Array, code: string): void {
    codes.set(nameOf(serial, pin), code);
    refusals.set(serial, (refusals.get(serial) ?? 0) + 1);
  },

  /** Forgets the count: the token has accepted a PIN. */
  accepted: (serial: string): void => void refusals.delete(serial),
};

const nameOf = (serial: string, pin: Uint8Array): string =>
  createHmac('sha256', nameKey).update(serial).update('\0').update(pin).digest('base64');
