import type { DriverRow } from '../driver-row.interface.js';

/** The Web Cryptography API of the runtime. */
export const WEBCRYPTO: DriverRow = {
  name: 'webcrypto',
  ciphers: ['aes256', 'aes128'],
  cbcCiphers: [],
  params: [],
  open: async () => new (await import('./webcrypto.driver.js')).WebcryptoDriver(),
  missing: () =>
    globalThis.crypto?.subtle ? undefined : 'needs a runtime with crypto.subtle; this one has none',
};
