import { SessionConfigError } from '../../../errors/session-config.error.js';
import type { DriverParams } from '../driver-row.interface.js';
import { loadNss, type NssLibrary } from './nss-library.js';
import { initialiseNss } from './nss-setup.js';
import { NssDriver } from './nss.driver.js';

/** The driver over the library and the database that the parameters name. Rejects with a SessionConfigError. */
export async function openNss(params: DriverParams, path: string): Promise<NssDriver> {
  const name = params['library'];
  const library = await loadNss(path, typeof name === 'string' ? name : undefined);
  initialiseNss(library, params, path);
  refuseFips(library, path);
  return new NssDriver(library);
}

/** In that mode NSS takes a key only when another key has wrapped it. */
function refuseFips({ nss }: NssLibrary, path: string): void {
  if (!nss.PK11_IsFIPS()) return;
  const message =
    'NSS is in FIPS mode, as its database says, and takes no keys of ours then: modutil -fips false, or another database or driver';
  throw new SessionConfigError([{ path, message }]);
}

/** What this machine lacks, or `undefined`. */
export async function missingOf(): Promise<string | undefined> {
  try {
    await loadNss('crypto.driver');
    return undefined;
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults[0]!.message;
    throw error;
  }
}
