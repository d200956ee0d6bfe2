import { SessionConfigError } from '../../../errors/session-config.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { DriverParams, DriverRow } from '../driver-row.interface.js';
import { NativeLibrary, type SodiumNative } from './native-library.js';
import type { SodiumLibrary } from './sodium-library.interface.js';
import { SodiumDriver } from './sodium.driver.js';
import { WasmLibrary, type SodiumModule } from './wasm-library.js';

/** libsodium builds by the names of the parameter `library`. */
const LIBRARIES: Readonly<Record<string, (path: string) => Promise<SodiumLibrary>>> = {
  async native(path) {
    return new NativeLibrary((await loadPeer<{ default: SodiumNative }>('sodium-native', path)).default);
  },
  async wasm(path) {
    const { default: wrappers } = await loadPeer<{ default: Wrappers }>('libsodium-wrappers', path);
    await wrappers.ready;
    return new WasmLibrary(wrappers.libsodium);
  },
};

interface Wrappers {
  readonly ready: Promise<void>;
  readonly libsodium: SodiumModule;
}

export const SODIUM: DriverRow = {
  name: 'sodium',
  ciphers: ['chacha20'],
  cbcCiphers: [],
  params: [
    {
      name: 'library',
      kind: 'text',
      meaning:
        '"native" (package sodium-native) or "wasm" (libsodium-wrappers); absent: the first that loads',
    },
  ],

  check({ library }: DriverParams) {
    if (library === undefined || Object.hasOwn(LIBRARIES, String(library))) return [];
    return [
      {
        param: 'library',
        message: `is ${JSON.stringify(library)}; allowed are ${Object.keys(LIBRARIES).join(' and ')}`,
      },
    ];
  },

  async open({ library }, path) {
    return new SodiumDriver(
      await (library === undefined ? firstLibrary(path) : LIBRARIES[String(library)]!(path)),
    );
  },

  async missing() {
    try {
      await firstLibrary('crypto.driver');
      return undefined;
    } catch (error) {
      if (error instanceof SessionConfigError) return error.faults[0]?.message;
      throw error;
    }
  },
};

/** The native build, where it is installed and loads here; else the other one, which says what it needs. */
function firstLibrary(path: string): Promise<SodiumLibrary> {
  return LIBRARIES['native']!(path).catch(() => LIBRARIES['wasm']!(path));
}
