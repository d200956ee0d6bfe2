import { aeadContract } from './aead.js';
import { bufferContract } from './buffers.js';
import { cbcContract } from './cbc.js';
import { expandContract } from './expand.js';
import type { DriverContractCase } from './case.interface.js';
import { secrecyContract } from './secrecy.js';

/** What envelope and key ring rely on. Run every case over a driver of your own before you use it:
 *
 *      for (const { title, applies, run } of driverContract)
 *        it(title, { skip: !applies(myDriver) }, () => run(myDriver));
 *
 *  A case covers every suite in `ciphers` and every cipher in `cbc`; what a driver does not claim is not asked of it. */
export const driverContract: readonly DriverContractCase[] = [
  ...aeadContract,
  ...expandContract,
  ...bufferContract,
  ...secrecyContract,
  ...cbcContract,
];
