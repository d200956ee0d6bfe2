import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { SUITES } from '../../suites.js';
import type { DriverParam, DriverParams, DriverRow } from '../driver-row.interface.js';

const PARAMS: readonly DriverParam[] = [
  { name: 'dir', kind: 'text', meaning: 'folder of the certificate database; without it NSS has none' },
  { name: 'key3', kind: 'text', meaning: 'beginning of the key database’s file name' },
  { name: 'cert7', kind: 'text', meaning: 'beginning of the certificate database’s file name' },
  { name: 'secmod', kind: 'text', meaning: 'file name of the module database, secmod.db if absent' },
  { name: 'noinit', kind: 'flag', meaning: 'use NSS as other code of this process has initialised it' },
  {
    name: 'readwrite',
    kind: 'flag',
    meaning: 'open the database for writing, and make it when it is not there',
  },
  { name: 'library', kind: 'text', meaning: 'file of the library, libnss3.so if absent' },
];

/** Parameters that say something about a database. */
const OF_DATABASE = ['key3', 'cert7', 'secmod', 'readwrite'];

/** Real NSS, with the parameters of Apache's driver of that name. */
export const NSS: DriverRow = {
  name: 'nss',
  ciphers: SUITES.map(({ cipher }) => cipher),
  cbcCiphers: CBC_CIPHERS.map(({ name }) => name),
  params: PARAMS,
  check,
  open: async (params, path) => (await import('./open-nss.js')).openNss(params, path),
  missing: async () => (await import('./open-nss.js')).missingOf(),
};

function check(params: DriverParams) {
  if (params['dir'] !== undefined || params['noinit']) return [];
  const of = OF_DATABASE.filter((name) => params[name] !== undefined);
  return of.map((param) => ({
    param,
    message: 'is about a database, and there is none without crypto.driverParams.dir: set it, or drop this',
  }));
}
