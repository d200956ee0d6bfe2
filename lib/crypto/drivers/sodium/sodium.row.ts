import { SessionConfigError } from '../../../errors/session-config.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { DriverParams, DriverRow } from '../driver-row.interface.js';
import { NativeLibrary, type SodiumNative } from './native-library.js';
import type { SodiumLibrary } from './sodium-library.interface.js';
import { SodiumDriver } from './sodium.driver.js';
import { WasmLibrary, type SodiumModule } from './wasm-library.js';

/** The builds of libsodium, by their names in the parameter `library`. Each function loads its package, or rejects with
 *  a SessionConfigError at `path` that says how to install it. */
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

/** The parts of the package libsodium-wrappers that are used here. */
interface Wrappers {
  /** Resolves when the WebAssembly has been compiled; until then no function may be called. */
  readonly ready: Promise<void>;
  /** The C functions below the package's own wrappers, which copy keys into memory that nobody wipes. */
  readonly libsodium: SodiumModule;
}

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

/** Returns the native build if it is installed and loads on this machine, else the WebAssembly build. Rejects with the
 *  install hint of the WebAssembly build, which runs everywhere. */
function firstLibrary(path: string): Promise<SodiumLibrary> {
  return LIBRARIES['native']!(path).catch(() => LIBRARIES['wasm']!(path));
}
