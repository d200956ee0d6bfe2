import { SessionConfigError } from '../../../errors/session-config.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { DriverParams } from '../driver-row.interface.js';
import type { LIBRARY_NAMES } from './library-names.js';
import { NativeLibrary, type SodiumNative } from './native-library.js';
import type { SodiumLibrary } from './sodium-library.interface.js';
import { SodiumDriver } from './sodium.driver.js';
import { WasmLibrary, type SodiumModule } from './wasm-library.js';

type LibraryName = (typeof LIBRARY_NAMES)[number];

/** How each build of libsodium is loaded. */
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

interface Wrappers {
  readonly ready: Promise<void>;
  readonly libsodium: SodiumModule;
}

/** The driver over the build that `library` names. Rejects with a SessionConfigError. */
export async function openSodium({ library }: DriverParams, path: string): Promise<SodiumDriver> {
  const load = library === undefined ? firstLibrary : LIBRARIES[library as LibraryName];
  return new SodiumDriver(await load(path));
}

/** What this machine lacks, or `undefined`. */
export async function missingOf(): Promise<string | undefined> {
  try {
    await firstLibrary('crypto.driver');
    return undefined;
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults[0]?.message;
    throw error;
  }
}

/** The native build, where it is installed and loads here; else the other one, which says what it needs. */
function firstLibrary(path: string): Promise<SodiumLibrary> {
  return LIBRARIES.native(path).catch(() => LIBRARIES.wasm(path));
}
