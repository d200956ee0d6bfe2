import { SessionConfigError } from '../../../errors/session-config.error.js';
import type { DriverParams } from '../driver-row.interface.js';
import { loadNss, type NssLibrary } from './nss-library.js';
import { initialiseNss } from './nss-setup.js';
import { NssDriver } from './nss.driver.js';

/** Loads NSS, initialises it once for the process, and returns the driver. Rejects with a SessionConfigError. FIPS mode is
 *  known only after the initialisation. */
export async function openNss(params: DriverParams, path: string): Promise<NssDriver> {
  const name = params['library'];
  const library = await loadNss(path, typeof name === 'string' ? name : undefined);
  initialiseNss(library, params, path);
  refuseFips(library, path);
  return new NssDriver(library);
}

/** Throws if NSS runs in FIPS mode: NSS then imports a key only if another key has wrapped it. */
function refuseFips({ nss }: NssLibrary, path: string): void {
  if (!nss.PK11_IsFIPS()) return;
  const message =
    'the NSS database switches FIPS mode on, in which NSS accepts no key from outside; run modutil -fips false, or choose another database or driver';
  throw new SessionConfigError([{ path, message }]);
}

/** Returns what this machine lacks, or `undefined`. It loads koffi and the library but does not initialise NSS, which would
 *  last until the process ends. */
export async function missingOf(): Promise<string | undefined> {
  try {
    await loadNss('crypto.driver');
    return undefined;
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults[0]!.message;
    throw error;
  }
}
