import { SessionConfigError } from '../../../errors/session-config.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { DriverParams } from '../driver-row.interface.js';
import type { LIBRARY_NAMES } from './library-names.js';
import { NativeLibrary, type SodiumNative } from './native-library.js';
import type { SodiumLibrary } from './sodium-library.interface.js';
import { SodiumDriver } from './sodium.driver.js';
import { WasmLibrary, type SodiumModule } from './wasm-library.js';

type LibraryName = (typeof LIBRARY_NAMES)[number];

/** The builds of libsodium, by their names in the parameter `library`. Each function loads its package, or rejects with
 *  a SessionConfigError at `path` that says how to install it. */
const LIBRARIES: Readonly<Record<LibraryName, (path: string) => Promise<SodiumLibrary>>> = {
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

/** Loads the build that `library` names and returns the driver. Rejects with a SessionConfigError. */
export async function openSodium({ library }: DriverParams, path: string): Promise<SodiumDriver> {
  const load = library === undefined ? firstLibrary : LIBRARIES[library as LibraryName];
  return new SodiumDriver(await load(path));
}

/** Returns what this machine lacks, or `undefined`. */
export async function missingOf(): Promise<string | undefined> {
  try {
    await firstLibrary('crypto.driver');
    return undefined;
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults[0]?.message;
    throw error;
  }
}

/** Returns the native build if it is installed and loads on this machine, else the WebAssembly build. Rejects with the
 *  install hint of the WebAssembly build, which runs everywhere. */
function firstLibrary(path: string): Promise<SodiumLibrary> {
  return LIBRARIES.native(path).catch(() => LIBRARIES.wasm(path));
}
