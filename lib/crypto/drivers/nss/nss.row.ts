import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { SUITES } from '../../suites.js';
import type { DriverParam, DriverParams, DriverRow } from '../driver-row.interface.js';

const PARAMS: readonly DriverParam[] = [
  { name: 'dir', kind: 'text', meaning: 'folder of the certificate database; if absent, NSS opens none' },
  { name: 'key3', kind: 'text', meaning: 'prefix of the key database’s file name' },
  { name: 'cert7', kind: 'text', meaning: 'prefix of the certificate database’s file name' },
  { name: 'secmod', kind: 'text', meaning: 'file name of the module database, secmod.db if absent' },
  { name: 'noinit', kind: 'flag', meaning: 'use NSS as other code in this process has initialised it' },
  {
    name: 'readwrite',
    kind: 'flag',
    meaning: 'open the database for writing, and create it if it does not exist',
  },
  { name: 'library', kind: 'text', meaning: 'file of the NSS library; libnss3.so if absent' },
];

/** Parameters that mean something only together with `dir`. */
const DATABASE_PARAMS = ['key3', 'cert7', 'secmod', 'readwrite'];

/** Mozilla's NSS library itself, with the parameters of httpd's `SessionCryptoDriver nss` and a few more. */
export const NSS: DriverRow = {
  name: 'nss',
  ciphers: SUITES.map(({ cipher }) => cipher),
  cbcCiphers: CBC_CIPHERS.map(({ name }) => name),
  params: PARAMS,
  check,
  open: async (params, path) => (await import('./open-nss.js')).openNss(params, path),
  missing: async () => (await import('./open-nss.js')).missingOf(),
};

/** Refuses parameters of a database where none is opened: NSS would ignore them silently. */
function check(params: DriverParams) {
  if (params['dir'] !== undefined || params['noinit']) return [];
  const useless = DATABASE_PARAMS.filter((name) => params[name] !== undefined);
  return useless.map((param) => ({
    param,
    message: 'needs a database; set crypto.driverParams.dir to its folder, or remove this parameter',
  }));
}
