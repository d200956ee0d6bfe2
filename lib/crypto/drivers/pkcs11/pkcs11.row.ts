import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { SUITES } from '../../suites.js';
import type { DriverParams, DriverRow } from '../driver-row.interface.js';
import { TOKEN_NAMES } from './token-names.js';

/** A token behind a PKCS#11 library: a hardware security module, a smart card, or SoftHSM. */
export const PKCS11: DriverRow = {
  name: 'pkcs11',
  ciphers: SUITES.map(({ cipher }) => cipher),
  cbcCiphers: CBC_CIPHERS.map(({ name }) => name),
  needs: 'the PKCS#11 library of its token',
  params: [
    { name: 'library', kind: 'text', meaning: 'path of the PKCS#11 library, a .so' },
    { name: 'slot', kind: 'integer', meaning: 'number of the slot that holds the token' },
    { name: 'label', kind: 'text', meaning: 'label of the token' },
    { name: 'serial', kind: 'text', meaning: 'serial number of the token' },
    { name: 'pin', kind: 'secret', meaning: "the user's PIN" },
  ],
  check,
  open: async (params, path) => (await import('./open-pkcs11.js')).openPkcs11(params, path),
  missing: async () => (await import('./open-pkcs11.js')).missingOf(),
};

/** Reports at most one fault for the library, and one for the name of the token. */
function check(params: DriverParams): { param: string; message: string }[] {
  return [libraryFault(params), tokenFault(params)].filter((fault) => fault !== undefined);
}

const libraryFault = ({ library }: DriverParams) =>
  library === undefined
    ? { param: 'library', message: 'is missing; give the path of the PKCS#11 library, a .so' }
    : undefined;

/** The token has exactly one name; two names could contradict each other. */
function tokenFault(params: DriverParams) {
  const given = TOKEN_NAMES.filter((name) => params[name] !== undefined);
  if (given.length === 1) return undefined;
  const choose = `name the token by exactly one of ${TOKEN_NAMES.join(', ')}`;
  const [, second = 'label'] = given;
  return {
    param: second,
    message: given.length ? `is given beside ${given[0]}; ${choose}` : `is missing; ${choose}`,
  };
}
