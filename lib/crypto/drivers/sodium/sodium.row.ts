import type { DriverParams, DriverRow } from '../driver-row.interface.js';
import { LIBRARY_NAMES } from './library-names.js';

/** libsodium, as a native addon or as WebAssembly. */
export const SODIUM: DriverRow = {
  name: 'sodium',
  ciphers: ['chacha20'],
  cbcCiphers: [],
  params: [
    {
      name: 'library',
      kind: 'text',
      meaning:
        '"native" (package sodium-native) or "wasm" (package libsodium-wrappers); if absent, the first that loads',
    },
  ],
  check,
  open: async (params, path) => (await import('./open-sodium.js')).openSodium(params, path),
  missing: async () => (await import('./open-sodium.js')).missingOf(),
};

/** Refuses a build that does not exist. */
function check({ library }: DriverParams): { param: string; message: string }[] {
  if (library === undefined || LIBRARY_NAMES.some((name) => name === library)) return [];
  const message = `is ${JSON.stringify(library)}; allowed are ${LIBRARY_NAMES.join(' and ')}`;
  return [{ param: 'library', message }];
}
