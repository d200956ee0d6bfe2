import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** Names are keyed, so that none of them is a quick way to try PINs. */
const blind = createSecretKey(randomBytes(32));
const codes = new Map<string, string>();

/** What tokens have answered to PINs in this process: no second driver offers one again. */
export const refusedPins = {
  /** The code that the token with this serial number gave, if it has refused this PIN. */
  get: (serial: string, pin: Uint8Array): string | undefined => codes.get(nameOf(serial, pin)),

  add: (serial: string, pin: Uint8Array, code: string): void => void codes.set(nameOf(serial, pin), code),
};

const nameOf = (serial: string, pin: Uint8Array): string =>
  createHmac('sha256', blind).update(serial).update('\0').update(pin).digest('base64');
